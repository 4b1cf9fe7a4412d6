"""Connection options for every Kafka client, from the settings: TLS 1.2 or newer, always verified; SASL over it."""

import ssl
from typing import Any

from streams.settings import Settings, SettingsError


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for aiokafka's consumer, producer, admin and plain client, `bootstrap_servers` not among them.

    Files and passwords are read at the call: build the options anew for a new client and rotation needs no restart. Raises
    SettingsError where a file cannot be used.
    """
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    context = ssl_context(settings)
    if context is not None:
        options["ssl_context"] = context
    if settings.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.password(),
        }
    return options


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """A verifying client context (certificate and host name), or None where the protocol has no TLS. Raises SettingsError."""
    if not settings.security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=settings.ssl_cafile)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.ssl_certfile is not None:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(str(file) for file in (settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile) if file is not None)
        raise SettingsError(f"TLS files {files}: {error}") from error
    return context
