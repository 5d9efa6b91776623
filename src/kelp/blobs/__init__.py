"""Raw bytes at rest: archived frames, exports, backups. The only package that stores them; it knows no tables."""

from kelp.blobs.contract import BlobEntry, BlobNotFound, BlobStore, InvalidBlobKey
from kelp.blobs.filesystem import FilesystemBlobs
from kelp.blobs.object_store import ObjectStoreBlobs
from kelp.blobs.sealed import SealedBlobs

__all__ = [
    "BlobEntry",
    "BlobNotFound",
    "BlobStore",
    "FilesystemBlobs",
    "InvalidBlobKey",
    "ObjectStoreBlobs",
    "SealedBlobs",
]
