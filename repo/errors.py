"""Every deliberate error of the catalogue, ingest and reader. Base class and store errors: `wenyuan.storage.errors`."""

from __future__ import annotations

from wenyuan.storage.errors import Corrupt, LibraryError, Misconfigured, Unavailable


class NotFound(LibraryError):
    """What was asked for is not here (or not for this person, which we do not tell apart)."""

    code = "not-found"
    status = 404
    exit_code = 66


class NoSuchItem(NotFound):
    """Data: item."""

    code = "no-such-item"


class NoSuchPage(NotFound):
    """Data: item, page."""

    code = "no-such-page"


class NoManifest(NotFound):
    """The item has no pages with pictures, so that IIIF has nothing to show. Data: item."""

    code = "no-manifest"


class NoSuchCollection(NotFound):
    """Data: collection."""

    code = "no-such-collection"


class NoSuchJob(NotFound):
    """Data: job."""

    code = "no-such-job"


class NoSuchUser(NotFound):
    """Data: name."""

    code = "no-such-user"


class Refused(LibraryError):
    """The policy says no; `reason` and `remedy` are codes of the decision."""

    code = "refused"
    status = 403
    exit_code = 77


class NotForOffline(LibraryError):
    """It is read here, but may not be kept on a reader's device. Data: access."""

    code = "not-for-offline"
    status = 403
    exit_code = 77


class NotSignedIn(LibraryError):
    """A program asks for what somebody must have signed in for. Data: as `Refused`, where an item is asked for."""

    code = "not-signed-in"
    status = 401
    exit_code = 77


class FormTokenMissing(LibraryError):
    """A program sends a change without the token of its session. Data: header (its name)."""

    code = "form-token-missing"
    status = 400
    exit_code = 64


class BadInput(LibraryError):
    """What was handed in cannot be used as it is. Every one carries `file`."""

    code = "bad-input"
    status = 422
    exit_code = 65


class DamagedSource(BadInput):
    """The file is cut short or broken. Data: file, detail."""

    code = "damaged-source"


class UnsupportedFormat(BadInput):
    """No format of ours can read it. Data: file, found (what it looks like)."""

    code = "unsupported-format"


class MislabelledSource(BadInput):
    """The name says one thing, the bytes another. A warning, unless nothing can read it. Data: file, named, found."""

    code = "mislabelled-source"


class EncryptedSource(BadInput):
    """It needs a password or carries DRM. Data: file."""

    code = "encrypted-source"


class EmptySource(BadInput):
    """No bytes, no pages, or no files. Data: file."""

    code = "empty-source"


class TooLarge(BadInput):
    """More than a limit allows, seen before memory is taken. Data: file, found, limit, unit, setting."""

    code = "too-large"


class UnsafeArchive(BadInput):
    """Paths that leave the archive, or a bomb. Data: file, entry."""

    code = "unsafe-archive"


class NoReadingOrder(BadInput):
    """An e-book whose spine names nothing that can be read. Data: file."""

    code = "no-reading-order"


class UnreadableFile(BadInput):
    """The operating system does not let us read it. Data: file, detail."""

    code = "unreadable-file"


class InvalidMetadata(BadInput):
    """A metadata file that cannot be used. Data: file, field, problem."""

    code = "invalid-metadata"


class MetadataSyntax(BadInput):
    """A metadata file that is no JSON. Data: file, line, column (1-based)."""

    code = "metadata-syntax"


class DescriptionDiffers(BadInput):
    """A held item was handed in with another description; nothing was changed. A warning. Data: file, item, fields."""

    code = "description-differs"


class TextNotAdded(BadInput):
    """A text for a page of an item that is held without it. Data: file, item, title."""

    code = "text-not-added"


class NamesNothing(BadInput):
    """A metadata file speaks of what is not there. A warning: the rest is taken. Data: file, field, name."""

    code = "names-nothing"


class PageKilled(BadInput):
    """The page ended its process (memory, time or a decoder's crash) twice. Data: file, page, detail."""

    code = "page-killed"


class ReadingKilled(BadInput):
    """Reading the page by OCR ended its process (memory, time, or a crash) twice. Data: file, page."""

    code = "reading-killed"


class LooksVertical(BadInput):
    """OCR found columns where the description says that the text runs in lines. A warning. Data: file, item, pages."""

    code = "looks-vertical"


class LooksFacing(BadInput):
    """OCR found two facing pages on one scan. A warning. Data: file, item, pages (their places, from 1)."""

    code = "looks-facing"


class LooksTurned(BadInput):
    """OCR found scans that lie or stand upside down. A warning. Data: file, item, pages (their places, from 1)."""

    code = "looks-turned"


class AlreadyHeld(LibraryError):
    """The same bytes are an item already. Data: file, item, title."""

    code = "already-held"
    status = 409
    exit_code = 0


class CountsDisagree(Corrupt):
    """Files given, stored, shown and refused do not add up; nothing was published. Data.

    Given, stored, refused, pages.
    """

    code = "counts-disagree"


class DatabaseUnavailable(Unavailable):
    """Data: reason."""

    code = "database-unavailable"


class CatalogueNotEmpty(LibraryError):
    """A rebuild would replace what is there. Data: items."""

    code = "catalogue-not-empty"
    status = 409
    exit_code = 73


class WorkerDied(LibraryError):
    """A job's worker ended again and again. Data: attempts."""

    code = "worker-died"


class IndexUnavailable(Unavailable):
    """Data: reason."""

    code = "index-unavailable"


class IndexDamaged(IndexUnavailable):
    """Its files are not as they were written; a worker makes it anew from the catalogue. Data: reason."""

    code = "index-damaged"


class DerivativeMissing(Unavailable):
    """A page picture is not made yet, or lost. Data: item, page."""

    code = "derivative-missing"


class UnknownBackend(Misconfigured):
    """Data: setting, value, allowed."""

    code = "unknown-backend"


class InvalidSetting(Misconfigured):
    """Data: setting, value, allowed."""

    code = "invalid-setting"


class MissingExtra(Misconfigured):
    """An optional package is not installed. Data: package, extra."""

    code = "missing-extra"


class ModelMissing(Misconfigured):
    """A file that an OCR engine reads with is not installed; none is ever downloaded. Data: file."""

    code = "model-missing"


class CorrectionUnclear(LibraryError):
    """What a program sends is no correction, or no decision on one. Data: piece (what of it is not understood)."""

    code = "correction-unclear"
    status = 400
    exit_code = 64


class NamedTwice(LibraryError):
    """A JSON object has a name twice, so that one of both values would be lost. Data: name."""

    code = "named-twice"
    status = 400
    exit_code = 64


class VersionNotTold(LibraryError):
    """A correction does not say upon which version it was made (RFC 6585, §3). Data: header (its name)."""

    code = "version-not-told"
    status = 428
    exit_code = 64


class TextChanged(LibraryError):
    """Somebody else has changed the text of a page meanwhile. Data: item, page (its key), found (SHA-256, or "")."""

    code = "text-changed"
    status = 409
    exit_code = 75


class BookTooLong(LibraryError):
    """More pages than are put into one file on request. Data: item, pages, limit."""

    code = "book-too-long"
    status = 413
    exit_code = 65


class TextUnusable(LibraryError):
    """A correction that cannot be made; as itself: words that cannot be a line's.

    Data: item, page (its key), problem (a code), line (1-based), sent (what was sent of it, lines counted from 0).
    """

    code = "text-unusable"
    status = 422
    exit_code = 65


class NoSuchLine(TextUnusable):
    """A correction of a line that the page does not have. Data: item, page, line, sent, count (of the page's lines)."""

    code = "no-such-line"


class PlaceOutside(TextUnusable):
    """A place that is not in the line, or not on the page. Data: piece (its name), sent (its value), allowed."""

    code = "place-outside"


class LinesApart(TextUnusable):
    """Lines that cannot be joined, since they run in different directions. Data: line (of the first, 1-based), sent."""

    code = "lines-apart"


class NothingChanged(TextUnusable):
    """A proposal whose words are those that are there. Data: item, page (its key), problem."""

    code = "nothing-changed"


class NoSuchProposal(NotFound):
    """Data: proposal."""

    code = "no-such-proposal"


class NoProposalForLine(NotFound):
    """No proposal waits for a line. Data: item, page (its key), line (1-based), sent (as it was sent, from 0)."""

    code = "no-proposal-for-line"


class ProposalDecided(LibraryError):
    """Somebody has accepted or declined it meanwhile. Data: proposal, state, by."""

    code = "proposal-decided"
    status = 409
    exit_code = 75


class TooManyProposals(LibraryError):
    """So many proposals of this reader wait that they must be looked at first. Data: limit."""

    code = "too-many-proposals"
    status = 429
    exit_code = 75


class ProgramMissing(Misconfigured):
    """A program of the operating system is not installed. Data: program, package (of Debian)."""

    code = "program-missing"


class TooManyAttempts(LibraryError):
    """More people are signing in at this moment than can be checked. Data: retry_after_s."""

    code = "too-many-attempts"
    status = 429
    exit_code = 75


class AddressUnusable(Misconfigured):
    """The web server cannot listen there. Data: address, reason."""

    code = "address-unusable"


class QueryTooLong(LibraryError):
    """Data: length, limit."""

    code = "query-too-long"
    status = 400
    exit_code = 64


class QueryUnclear(LibraryError):
    """A part of a query that the query language does not know. Data: piece (as typed)."""

    code = "query-unclear"
    status = 400
    exit_code = 64


class InvalidImageRequest(LibraryError):
    """The address of a picture that IIIF's rules do not know. Data: parameter, value."""

    code = "invalid-image-request"
    status = 400
    exit_code = 64


class RegionOutside(InvalidImageRequest):
    """Nothing of the region lies in the image. Data: value, width, height."""

    code = "region-outside"


class EnlargedUnasked(InvalidImageRequest):
    """Larger than the region, without the `^` that says so. Data: value, width, height of the region."""

    code = "enlarged-unasked"


class PictureTooLarge(InvalidImageRequest):
    """More pixels than are made on request. Data: value, megapixels."""

    code = "picture-too-large"


class TooManyPictures(Unavailable):
    """As many pictures are being made as may be at once. Data: retry_after_s."""

    code = "too-many-pictures"


class TooManyPdfs(Unavailable):
    """As many PDFs of whole books are being made as may be at once. Data: retry_after_s."""

    code = "too-many-pdfs"


class PictureTooSlow(Unavailable):
    """Making a picture took longer than it may. Data: seconds."""

    code = "picture-too-slow"


class NoSuchAnnotation(NotFound):
    """None of this id, or not for this person. Data: annotation."""

    code = "no-such-annotation"


class NoSuchGroup(NotFound):
    """No reading group of this id, or one that this person is not in. Data: group."""

    code = "no-such-group"


class InvitationEnded(NotFound):
    """A link to join a reading group that is not in force (any more). Data: none."""

    code = "invitation-ended"


class AnnotationUnclear(LibraryError):
    """What a program sends is no annotation of ours. Data: piece (what of it), sent (what stood there)."""

    code = "annotation-unclear"
    status = 400
    exit_code = 64


class AnnotationTooLong(LibraryError):
    """A note, quote or other part with more characters than are kept. Data: piece, length, limit."""

    code = "annotation-too-long"
    status = 413
    exit_code = 64


class AnnotationChanged(LibraryError):
    """Another device or program was faster. Data: annotation, found (its version)."""

    code = "annotation-changed"
    status = 412
    exit_code = 75


class AnnotationFixed(LibraryError):
    """A change of what stays with an annotation for ever. Data: piece (id, canonical, via or item)."""

    code = "annotation-fixed"
    status = 409
    exit_code = 64


class ConditionMissing(LibraryError):
    """A change that does not say upon which version it is made (RFC 6585, §3). Data: header (its name)."""

    code = "condition-missing"
    status = 428
    exit_code = 64


class FormNotOffered(LibraryError):
    """The client takes no form in which there is an answer (RFC 9110, §15.5.7). Data: offered."""

    code = "form-not-offered"
    status = 406
    exit_code = 64


class MediaTypeUnknown(LibraryError):
    """Something was sent in a form that is not read here (RFC 9110, §15.5.16). Data: sent, wanted."""

    code = "media-type-unknown"
    status = 415
    exit_code = 64


class TooManyAnnotations(LibraryError):
    """A reader has as many notes as are kept for one person. Data: limit."""

    code = "too-many-annotations"
    status = 429
    exit_code = 75


class TooManyGroups(LibraryError):
    """A reader leads as many reading groups as one person may. Data: limit."""

    code = "too-many-groups"
    status = 429
    exit_code = 75


class GroupFull(LibraryError):
    """A reading group has as many members as it may. Data: limit."""

    code = "group-full"
    status = 409
    exit_code = 75


class GroupNameUnusable(LibraryError):
    """A reading group without a name, or with one too long. Data: limit."""

    code = "group-name-unusable"
    status = 422
    exit_code = 64


class GroupOwnerOnly(LibraryError):
    """Something that only who leads a reading group may do. Data: group."""

    code = "group-owner-only"
    status = 403
    exit_code = 77
