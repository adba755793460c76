//! Values from the live data, for the document that a mapping becomes.

use std::collections::BTreeMap;

use crm_adapters::{Change, Fields, Kind, Page, View};

use super::{Engine, observe};
use crate::error::{Error, Result};
use crate::flow::{Division, Side};
use crate::plan::{Mapping, Samples};

/// Where the records of a kind are read.
type Place = (Side, Kind, Division);

impl Engine {
    /// Values from the live data for the fields of each mapping, in their order: what stands on the first page of its two
    /// kinds, in the first division that it covers. Costs the calls of one page for each kind and side, of however many
    /// flows it is, where they begin with the same division, or of two where the first has no record; stores nothing.
    ///
    /// # Errors
    /// [`Side`](crate::ErrorKind::Side) where a page cannot be read.
    pub async fn samples(&self, mappings: &[Mapping]) -> Result<Vec<Samples>> {
        let mut views = BTreeMap::<Place, View>::new();
        for (mapping, place) in mappings.iter().flat_map(|mapping| self.places(mapping)) {
            let own = observe::view(mapping, place.0);
            let view = views.entry(place).or_insert_with(|| View { kind: own.kind, fields: Vec::new() });
            view.fields.extend(own.fields);
        }
        let mut pages = BTreeMap::new();
        for (place, mut view) in views {
            view.fields.sort();
            view.fields.dedup();
            pages.insert(place, self.first_page(place, &view).await?);
        }
        let of = |mapping: &Mapping| {
            let mut samples = Samples::default();
            for (_, place) in self.places(mapping) {
                pages.get(&place).into_iter().flatten().for_each(|fields| samples.add(place.0, fields));
            }
            samples
        };
        Ok(mappings.iter().map(of).collect())
    }

    /// Where a mapping's records are read: on both sides, in its first division.
    fn places<'m>(&self, mapping: &'m Mapping) -> impl Iterator<Item = (&'m Mapping, Place)> {
        let division = self.inner.divisions(&mapping.flow).first().copied();
        let of = move |side| Some((mapping, (side, mapping.flow.kinds.on(side), division?)));
        [Side::Exact, Side::Crm].into_iter().filter_map(of)
    }

    /// The records of a first page. Where it has none, since what other records say of them is gathered first, those of a
    /// page without such fields.
    async fn first_page(&self, (side, kind, division): Place, view: &View) -> Result<Vec<Fields>> {
        let Some(adapter) = self.inner.adapter(side, division) else { return Ok(Vec::new()) };
        let of_side = |error| Error::of_side(side, error);
        let page = adapter.changes(view, None).await.map_err(of_side)?;
        if !page.more || page.changes.iter().any(|change| matches!(change, Change::Present(_))) {
            return Ok(present(page));
        }
        let schema = adapter.schema(kind).await.map_err(of_side)?;
        let is_own =
            |name: &&String| schema.get(name).is_some_and(|field| !field.read_only && !field.updates_only);
        let own = View { kind, fields: view.fields.iter().filter(is_own).cloned().collect() };
        Ok(present(adapter.changes(&own, None).await.map_err(of_side)?))
    }
}

fn present(page: Page) -> Vec<Fields> {
    let present = page.changes.into_iter().filter_map(|change| match change {
        Change::Present(record) => Some(record.fields),
        _ => None,
    });
    present.collect()
}
