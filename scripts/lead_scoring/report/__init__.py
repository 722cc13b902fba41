"""The report: today's list and a page for each lead, in one HTML file that needs nothing else."""
