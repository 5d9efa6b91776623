"""Base64 and percent-encoding."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function
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
)
