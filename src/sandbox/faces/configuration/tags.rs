//! Tags.
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::world::{News, Tag, tag_view};
use serde_json::{Value, json};

const WRITE: [&str; 2] = ["tags--all:rw", "tags--groups:rw"];

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let groups = match call.body.object_if("filters")? {
        None => None,
        Some(filters) => Some(
            filters
                .ints_if("group_ids")?
                .ok_or_else(|| Refusal::validation("`filters.group_ids` is required"))?,
        ),
    };
    call.by.needs(&["tags--all:ro", "tags--groups:ro"])?;
    let wanted = |tag: &&Tag| {
        groups.as_ref().is_none_or(|groups| tag.group_ids.iter().any(|group| groups.contains(group)))
    };
    Ok(call.world.tags.values().filter(wanted).map(tag_view).collect())
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let name = call.body.text("name")?.to_owned();
    let group_ids = call.body.ints_if("group_ids")?.unwrap_or_default();
    call.by.needs(&WRITE)?;
    groups_exist(call, &group_ids)?;
    // Creating compares names without their case; everything else compares exactly.
    if call.world.tags.keys().any(|known| known.to_lowercase() == name.to_lowercase()) {
        return Err(Refusal::of(Error::AlreadyExists));
    }
    let tag = Tag { name: name.clone(), group_ids, author_id: call.by.id.clone(), created_at: call.now };
    let payload = tag_view(&tag);
    call.world.tags.insert(name, tag);
    call.world.tell(News::of_account("tag_created", call.by, payload));
    Ok(json!({}))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let name = call.body.text("name")?;
    let group_ids = call.body.ints_if("group_ids")?;
    call.by.needs(&WRITE)?;
    groups_exist(call, group_ids.as_deref().unwrap_or_default())?;
    let tag = call.world.tags.get_mut(name).ok_or_else(|| Refusal::not_found("Tag"))?;
    if let Some(group_ids) = group_ids {
        tag.group_ids = group_ids;
    }
    let payload = json!({"name": name, "group_ids": tag.group_ids});
    call.world.tell(News::of_account("tag_updated", call.by, payload));
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let name = call.body.text("name")?;
    call.by.needs(&WRITE)?;
    call.world.tags.remove(name).ok_or_else(|| Refusal::not_found("Tag"))?;
    call.world.tell(News::of_account("tag_deleted", call.by, json!({ "name": name })));
    Ok(json!({}))
}

fn groups_exist(call: &Call<'_>, ids: &[i64]) -> Result<(), Refusal> {
    if ids.iter().all(|id| call.world.groups.contains_key(id)) {
        Ok(())
    } else {
        Err(Refusal::of(Error::GroupNotFound))
    }
}
