//! One list of properties becomes the struct to read, its fields to filter by, the property table, and the two
//! structs to write. A property is one line, so that none of the five can drift from the others.

/// Declares an entity.
///
/// ```text
/// entity! {
///     /// Docs.
///     Account at "crm/Accounts" feed "sync/CRM/Accounts" bulk "bulk/CRM/Accounts" key "ID";
///     verbs [Read, Create, Update, Delete];
///     new NewAccount;        // where there is one
///     patch AccountPatch;    // the same
///     write { … }            // properties in both
///     create { … }           // in the new one alone
///     change { … }           // in the patch alone
///     read { … }             // in neither
///     lines { … }            // what is created together with it
/// }
/// ```
/// A property is `/// Docs. CONST field "Name": Type [attributes];`, where the attributes are the methods of
/// [`Property`](crate::odata::Property). Lines are `/// Docs. field "Name": Line, NewLine;`.
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $entity:ident at $path:literal $(feed $feed:literal)? $(bulk $bulk:literal)? key $key:literal;
        verbs [$($verb:ident),*];
        $(new $new:ident;)?
        $(patch $patch:ident;)?
        $(write {
            $($(#[$wdoc:meta])* $wconst:ident $wfield:ident $wname:literal: $wty:ty
                $([$($wattr:ident $(($warg:expr))?),*])?;)*
        })?
        $(create {
            $($(#[$cdoc:meta])* $cconst:ident $cfield:ident $cname:literal: $cty:ty
                $([$($cattr:ident $(($carg:expr))?),*])?;)*
        })?
        $(change {
            $($(#[$udoc:meta])* $uconst:ident $ufield:ident $uname:literal: $uty:ty
                $([$($uattr:ident $(($uarg:expr))?),*])?;)*
        })?
        read {
            $($(#[$rdoc:meta])* $rconst:ident $rfield:ident $rname:literal: $rty:ty
                $([$($rattr:ident $(($rarg:expr))?),*])?;)*
        }
        $(lines {
            $($(#[$ldoc:meta])* $lfield:ident $lname:literal: $line:ty, $newline:ty;)*
        })?
    ) => {
        $crate::entity::macros::entity_struct! {
            $(#[$doc])*
            $entity
            { $($($(#[$wdoc])* $wfield $wname: $wty;)*)? $($($(#[$cdoc])* $cfield $cname: $cty;)*)?
              $($($(#[$udoc])* $ufield $uname: $uty;)*)? $($(#[$rdoc])* $rfield $rname: $rty;)* }
            { $($($(#[$ldoc])* $lfield $lname: $line;)*)? }
        }

        impl $entity {
            $crate::entity::macros::entity_fields! { $entity
                $($($(#[$wdoc])* $wconst $wname: $wty [created updated $($($wattr $(($warg))?)*)?];)*)?
                $($($(#[$cdoc])* $cconst $cname: $cty [created $($($cattr $(($carg))?)*)?];)*)?
                $($($(#[$udoc])* $uconst $uname: $uty [updated $($($uattr $(($uarg))?)*)?];)*)?
                $($(#[$rdoc])* $rconst $rname: $rty [$($($rattr $(($rarg))?)*)?];)*
            }
        }

        impl $crate::entity::Entity for $entity {
            const RESOURCE: &'static $crate::odata::Resource = {
                static RESOURCE: $crate::odata::Resource = $crate::odata::Resource {
                    path: $path,
                    feed: $crate::entity::macros::first(&[$($feed)?]),
                    bulk: $crate::entity::macros::first(&[$($bulk)?]),
                    key: $key,
                    verbs: &[$($crate::odata::Verb::$verb),*],
                    properties: &[
                        $($(*$entity::$wconst.property(),)*)?
                        $($(*$entity::$cconst.property(),)*)?
                        $($(*$entity::$uconst.property(),)*)?
                        $(*$entity::$rconst.property(),)*
                        $($($crate::odata::Property::lines(
                            $lname,
                            <$line as $crate::entity::Entity>::RESOURCE,
                        ),)*)?
                    ],
                };
                &RESOURCE
            };
        }

        $crate::entity::macros::entity_new! { [$($new)?] $entity
            { $($($(#[$wdoc])* $wfield $wname: $wty;)*)? $($($(#[$cdoc])* $cfield $cname: $cty;)*)? }
            { $($($(#[$ldoc])* $lfield $lname: $newline;)*)? }
        }

        $crate::entity::macros::entity_patch! { [$($patch)?] $entity
            { $($($(#[$wdoc])* $wfield $wname: $wty;)*)? $($($(#[$udoc])* $ufield $uname: $uty;)*)? }
        }
    };
}

/// The struct to read.
macro_rules! entity_struct {
    (
        $(#[$doc:meta])* $entity:ident
        { $($(#[$pdoc:meta])* $field:ident $name:literal: $ty:ty;)* }
        { $($(#[$ldoc:meta])* $lfield:ident $lname:literal: $line:ty;)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $entity {
            $(
                $(#[$pdoc])*
                #[serde(rename = $name, default, deserialize_with = "crate::odata::read")]
                pub $field: Option<$ty>,
            )*
            $(
                $(#[$ldoc])*
                #[doc = "\n\nThere only where [`with_lines`](crate::List::with_lines) asked for them."]
                #[serde(rename = $lname, default, deserialize_with = "crate::odata::read_lines")]
                pub $lfield: Option<Vec<$line>>,
            )*
        }
    };
}

/// The fields to filter and order by.
macro_rules! entity_fields {
    ($entity:ident $($(#[$doc:meta])* $const:ident $name:literal: $ty:ty
        [$($attr:ident $(($arg:expr))?)*];)*) => {$(
        $(#[$doc])*
        pub const $const: crate::odata::Field<$entity, $ty> = crate::odata::Field::new(
            crate::odata::Property::of::<$ty>($name)$(.$attr($($arg)?))*,
        );
    )*};
}

/// The struct to create with, if there is one.
macro_rules! entity_new {
    ([] $($rest:tt)*) => {};
    (
        [$new:ident] $entity:ident
        { $($(#[$pdoc:meta])* $field:ident $name:literal: $ty:ty;)* }
        { $($(#[$ldoc:meta])* $lfield:ident $lname:literal: $newline:ty;)* }
    ) => {
        #[doc = concat!("What a new [`", stringify!($entity), "`] is made of; Exact fills in the rest.")]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $new {
            $($(#[$pdoc])* pub $field: Option<$ty>,)*
            $($(#[$ldoc])* pub $lfield: Vec<$newline>,)*
        }

        impl serde::Serialize for $new {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(if let Some(value) = &self.$field {
                    serde::ser::SerializeMap::serialize_entry(
                        &mut map, $name, &crate::odata::AsJson(value))?;
                })*
                $(if !self.$lfield.is_empty() {
                    serde::ser::SerializeMap::serialize_entry(&mut map, $lname, &self.$lfield)?;
                })*
                serde::ser::SerializeMap::end(map)
            }
        }
    };
}

/// The struct to change with, if there is one.
macro_rules! entity_patch {
    ([] $($rest:tt)*) => {};
    ([$patch:ident] $entity:ident { $($(#[$pdoc:meta])* $field:ident $name:literal: $ty:ty;)* }) => {
        #[doc = concat!("A change of a [`", stringify!($entity), "`]; what it keeps is not sent.")]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $patch {
            $($(#[$pdoc])* pub $field: crate::odata::Patch<$ty>,)*
        }

        impl serde::Serialize for $patch {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(match &self.$field {
                    crate::odata::Patch::Keep => {}
                    crate::odata::Patch::Clear => {
                        serde::ser::SerializeMap::serialize_entry(&mut map, $name, &())?;
                    }
                    crate::odata::Patch::Set(value) => {
                        serde::ser::SerializeMap::serialize_entry(
                            &mut map, $name, &crate::odata::AsJson(value))?;
                    }
                })*
                serde::ser::SerializeMap::end(map)
            }
        }
    };
}

pub(crate) use {entity, entity_fields, entity_new, entity_patch, entity_struct};

/// The one item of a list that may be empty.
pub(crate) const fn first(items: &[&'static str]) -> Option<&'static str> {
    match items {
        [item] => Some(item),
        _ => None,
    }
}
