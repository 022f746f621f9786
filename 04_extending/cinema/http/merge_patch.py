"""JSON Merge Patch (RFC 7396): a change in the same form as the resource."""

from .json_body import JSON, json_object

MEDIA_TYPES = ("application/merge-patch+json", JSON)
ACCEPT_PATCH = ", ".join(MEDIA_TYPES)


def merge_patch_object():
    """Return the patch in the body as a dictionary; raise as `json_object` does."""
    return json_object(*MEDIA_TYPES)


def apply_patch(entity, patch, **identity):
    """Apply a patch to an entity; `identity`, the values in the URL, cannot be removed."""
    repeated = {name: patch[name] for name in identity if name in patch}
    entity.fill(merge_patch(entity.members(), patch) | repeated, **identity)


def merge_patch(target, patch):
    """Return the target with the patch applied: null removes a member, other values replace it."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
