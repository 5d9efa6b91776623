"""Base64, percent-encoding, compression and Punycode."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, segment_function
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("base64_encode_tostring", (Accepts.TEXT,), T.STRING, aliases=("base64_encodestring",)),
    function("base64_encode_fromarray", (T.DYNAMIC,), T.STRING),
    function("base64_encode_fromguid", (T.GUID,), T.STRING),
    function("base64_decode_tostring", (Accepts.TEXT,), T.STRING, aliases=("base64_decodestring",)),
    function("base64_decode_toarray", (Accepts.TEXT,), T.DYNAMIC),
    function("base64_decode_toguid", (Accepts.TEXT,), T.GUID),
    function("url_encode", (Accepts.TEXT,), T.STRING),
    function("url_encode_component", (Accepts.TEXT,), T.STRING),
    function("url_decode", (Accepts.TEXT,), T.STRING),
    *(
        segment_function(f"{name}_base64_string", (Accepts.TEXT,), T.STRING)
        for name in ("gzip_compress_to", "gzip_decompress_from", "zlib_compress_to", "zlib_decompress_from")
    ),
    *(
        segment_function(f"punycode_{name}", (Accepts.TEXT,), T.STRING)
        for name in ("from_string", "to_string", "domain_from_string", "domain_to_string")
    ),
)
