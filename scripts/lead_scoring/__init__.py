"""What dbt cannot do itself: the command line of lead_scoring and its parts."""

__version__ = "0.1.0"
