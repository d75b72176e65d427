"""Which way the contacts of a run go into the database, as far as is known by now."""

from __future__ import annotations

from rollcall.imports.batching.batch import Batch, Contacts, Partition
from rollcall.imports.copying.contact_rows import encode_direct, encode_merged
from rollcall.imports.copying.encoded import CopyForm, EncodedBatch, EncodedPartition
from rollcall.imports.keys import ImportKey
from rollcall.imports.options import ImportOptions

# Each leaves the rows behind that it had copied, until the next vacuum.
MAX_FAILED_COPIES = 3


class CopyPath:
    """Encodes contacts for the COPY that they will probably take.

    A guess, shared by all threads of a run: one encodes ahead of the database, and those that
    merge note what came true and encode again where it was wrong.
    """

    def __init__(self, key: ImportKey, options: ImportOptions):
        self._key = key
        self._options = options
        # A dry run merges everything, because it wants to know what would change.
        self._form = CopyForm.MERGED if options.dry_run else CopyForm.DIRECT
        self._failed_copies = 0
        # Whether most of the contacts that were stored have changed, last time.
        self.most_change = False

    def encode(self, batch: Batch) -> EncodedBatch:
        """Encode the contacts of a batch, each partition in the form it will probably take."""
        return EncodedBatch(
            batch=batch, partitions=[self._encode_partition(one) for one in batch.partitions]
        )

    @property
    def may_be_direct(self) -> bool:
        """Whether contacts that seem new may be sent as such."""
        return self._failed_copies < MAX_FAILED_COPIES

    def chunks(self, encoded: EncodedPartition, form: CopyForm) -> list[bytes]:
        """Return a partition in a form, which may not be the one that was guessed."""
        if encoded.form is form:
            return encoded.chunks
        return self._encode(encoded.partition.contacts, form)

    def note(self, form: CopyForm, *, has_failed: bool) -> None:
        """Take the form that contacts went in for that of the next ones.

        Args:
            form: the one in the end.
            has_failed: whether they were sent as new before, and were not.
        """
        self._form = form
        self._failed_copies += has_failed

    def _encode_partition(self, partition: Partition) -> EncodedPartition:
        form = CopyForm.MERGED if partition.is_known else self._form
        chunks = self._encode(partition.contacts, form)
        return EncodedPartition(partition=partition, form=form, chunks=chunks)

    def _encode(self, contacts: Contacts, form: CopyForm) -> list[bytes]:
        if form is CopyForm.MERGED:
            return encode_merged(contacts)
        choices = self._options.topic_choices()
        return list(encode_direct(contacts, self._key.team_id, choices))
