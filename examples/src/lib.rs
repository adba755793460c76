//! See the example files in this folder.
