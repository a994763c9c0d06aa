//! A network provider for Wine.
