//! See the bench files in this folder.
