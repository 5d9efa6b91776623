"""Names that KQL has and Kelp refuses, so that a refusal can say so instead of calling them unknown."""

from __future__ import annotations

_TEXT = {
    "gzip_compress_to_base64_string": "the engine has no gzip for texts",
    "gzip_decompress_from_base64_string": "the engine has no gzip for texts",
    "zlib_compress_to_base64_string": "the engine has no zlib for texts",
    "zlib_decompress_from_base64_string": "the engine has no zlib for texts",
    "punycode_from_string": "the engine has no punycode",
    "punycode_to_string": "the engine has no punycode",
    "punycode_domain_from_string": "the engine has no punycode",
    "punycode_domain_to_string": "the engine has no punycode",
    "parse_xml": "the engine reads no XML",
    "parse_user_agent": "needs a catalogue of browsers and devices",
    "hash_many": "how Kusto combines hashes is not published",
    "hash_combine": "how Kusto combines hashes is not published",
}
"""Functions over text, and why."""

NAMES: frozenset[str] = frozenset(_TEXT)
