"""A module for each provider. PROVIDERS names them as seeds/destinations.csv does."""
