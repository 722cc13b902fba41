"""A module for each provider. PROVIDERS names them as seeds/destinations.csv does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from lead_scoring.activation.providers.base import Provider

CLASSES = {
    "activecampaign": "ActiveCampaign",
    "brevo": "Brevo",
    "files": "Files",
    "hubspot": "HubSpot",
    "klaviyo": "Klaviyo",
    "mailchimp": "Mailchimp",
    "meta": "Meta",
    "salesforce": "Salesforce",
}
"""The class of each module."""


class Registry(Mapping[str, type[Provider]]):
    """The providers by name. A module is loaded when it is asked for: a push to one destination needs one of them."""

    def __getitem__(self, name: str) -> type[Provider]:
        """The class of a provider."""
        found: type[Provider] = getattr(import_module(f"{__name__}.{name}"), CLASSES[name])
        return found

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(CLASSES)

    def __len__(self) -> int:
        """How many there are."""
        return len(CLASSES)


PROVIDERS: Mapping[str, type[Provider]] = Registry()
