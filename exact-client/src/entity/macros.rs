//! One list of properties becomes the struct to read, its fields to filter by, the property table, and the two
//! structs to write. A property is one line, so that none of the five can drift from the others.

/// Declares an entity.
///
/// ```text
/// entity! {
///     /// Docs.
///     Account at "crm/Accounts" feed "sync/CRM/Accounts" key "ID";
///     write NewAccount, AccountPatch { … }      // optional: can be read and written
///     read { … }                                 // can be read only
/// }
/// ```
/// A property is `/// Docs. CONST field "Name": Type [attributes];`, where the attributes are the methods of
/// [`Property`](crate::odata::Property).
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $entity:ident at $path:literal $(feed $feed:literal)? key $key:literal;
        $(write $new:ident, $patch:ident {
            $($(#[$wdoc:meta])* $wconst:ident $wfield:ident $wname:literal: $wty:ty
                $([$($wattr:ident $(($warg:expr))?),*])?;)*
        })?
        read {
            $($(#[$rdoc:meta])* $rconst:ident $rfield:ident $rname:literal: $rty:ty
                $([$($rattr:ident $(($rarg:expr))?),*])?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $entity {
            $($(
                $(#[$wdoc])*
                #[serde(rename = $wname, default, deserialize_with = "crate::odata::read")]
                pub $wfield: Option<$wty>,
            )*)?
            $(
                $(#[$rdoc])*
                #[serde(rename = $rname, default, deserialize_with = "crate::odata::read")]
                pub $rfield: Option<$rty>,
            )*
        }

        impl $entity {
            $($(
                $(#[$wdoc])*
                pub const $wconst: crate::odata::Field<$entity, $wty> = crate::odata::Field::new(
                    crate::odata::Property::new($wname, <$wty as crate::odata::Scalar>::EDM)
                        .writable()$($(.$wattr($($warg)?))*)?,
                );
            )*)?
            $(
                $(#[$rdoc])*
                pub const $rconst: crate::odata::Field<$entity, $rty> = crate::odata::Field::new(
                    crate::odata::Property::new($rname, <$rty as crate::odata::Scalar>::EDM)
                        $($(.$rattr($($rarg)?))*)?,
                );
            )*
        }

        impl crate::entity::Entity for $entity {
            const RESOURCE: &'static crate::odata::Resource = {
                static RESOURCE: crate::odata::Resource = crate::odata::Resource {
                    path: $path,
                    feed: crate::entity::macros::feed_path(&[$($feed)?]),
                    key: $key,
                    properties: &[
                        $($(*$entity::$wconst.property(),)*)?
                        $(*$entity::$rconst.property(),)*
                    ],
                };
                &RESOURCE
            };
        }

        $(
            #[doc = concat!("What a new [`", stringify!($entity), "`] is made of; Exact fills in the rest.")]
            #[derive(Clone, Debug, Default, PartialEq)]
            #[non_exhaustive]
            pub struct $new {
                $($(#[$wdoc])* pub $wfield: Option<$wty>,)*
            }

            impl serde::Serialize for $new {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(None)?;
                    $(if let Some(value) = &self.$wfield {
                        serde::ser::SerializeMap::serialize_entry(
                            &mut map, $wname, &crate::odata::AsJson(value))?;
                    })*
                    serde::ser::SerializeMap::end(map)
                }
            }

            #[doc = concat!("A change of an [`", stringify!($entity), "`]; what it keeps is not sent.")]
            #[derive(Clone, Debug, Default, PartialEq)]
            #[non_exhaustive]
            pub struct $patch {
                $($(#[$wdoc])* pub $wfield: crate::odata::Patch<$wty>,)*
            }

            impl serde::Serialize for $patch {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(None)?;
                    $(match &self.$wfield {
                        crate::odata::Patch::Keep => {}
                        crate::odata::Patch::Clear => {
                            serde::ser::SerializeMap::serialize_entry(&mut map, $wname, &())?;
                        }
                        crate::odata::Patch::Set(value) => {
                            serde::ser::SerializeMap::serialize_entry(
                                &mut map, $wname, &crate::odata::AsJson(value))?;
                        }
                    })*
                    serde::ser::SerializeMap::end(map)
                }
            }

            impl crate::entity::Create for $entity {
                type New = $new;
            }

            impl crate::entity::Update for $entity {
                type Patch = $patch;
            }
        )?
    };
}

pub(crate) use entity;

/// The path of the feed, if the entity names one.
pub(crate) const fn feed_path(path: &[&'static str]) -> Option<&'static str> {
    match path {
        [path] => Some(path),
        _ => None,
    }
}
