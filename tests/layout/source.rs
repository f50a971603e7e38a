//! The source files of a crate, with their modules and imports.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::imports::{Reference, references};

/// Names of modules or folders, from the crate's root.
pub type Names = Vec<String>;

/// One file of a crate.
struct File {
    /// Relative to the workspace.
    path: String,
    folder: Names,
    references: Vec<Reference>,
}

/// A crate as files.
pub struct Crate {
    name: String,
    files: Vec<File>,
    /// Every module with the folder of its file.
    modules: BTreeMap<Names, Names>,
    /// The names that `use` brings into a module, with their paths.
    aliases: BTreeMap<(Names, String), Names>,
}

/// An import of one folder by a file of another, or by a file beside it.
pub struct Import {
    path: String,
    line: usize,
    text: String,
    /// The folder of the importing file.
    pub folder: Names,
    /// The folder of the imported module.
    pub target: Names,
}

impl Crate {
    /// Reads a crate of the workspace.
    pub fn read(name: &str) -> Self {
        let root = workspace().join(name).join("src");
        let relative = |path: &Path| path.strip_prefix(&root).expect("a file of the crate").display().to_string();
        let read = |path: PathBuf| (relative(&path), std::fs::read_to_string(&path).expect("a source file"));
        Self::of(name, source_files(&root).into_iter().map(read))
    }

    /// A crate of these files: path below `src`, and text.
    pub fn of(name: &str, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut source = Self { name: name.to_owned(), files: Vec::new(), modules: BTreeMap::new(), aliases: BTreeMap::new() };
        for (path, text) in files {
            let (folder, module) = place(&path);
            let (references, inner) = references(&text, &module);
            let modules = inner.into_iter().chain([module.clone()]);
            source.modules.extend(modules.map(|module| (module, folder.clone())));
            source.files.push(File { path: format!("{name}/src/{path}"), folder, references });
        }
        let inside = source.files.iter().flat_map(|file| &file.references).filter(|reference| source.is_inside(reference));
        let alias = |reference: &Reference| Some(((reference.module.clone(), reference.alias.clone()?), reference.path.clone()));
        source.aliases = inside.filter_map(alias).collect();
        source
    }

    /// The name of the crate.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All imports from one folder to another, neither of which contains the other unless it is the root.
    pub fn imports(&self) -> Vec<Import> {
        let of_file = |file: &File| -> Vec<Import> {
            let inside = file.references.iter().filter(|reference| self.is_inside(reference));
            let import = |reference: &Reference| {
                let target = self.modules[&self.resolve(&reference.path, 0)].clone();
                let (path, text) = (file.path.clone(), reference.path.join("::"));
                (target != file.folder).then(|| Import { path, line: reference.line, text, folder: file.folder.clone(), target })
            };
            inside.filter_map(import).collect()
        };
        self.files.iter().flat_map(of_file).collect()
    }

    /// Whether a path can only lead into this crate, or does: a path without `crate`, `self` or `super` may be another crate's.
    fn is_inside(&self, reference: &Reference) -> bool {
        reference.is_absolute || self.modules.contains_key(&reference.path[..=reference.module.len()])
    }

    /// The module that a path leads to, through imported names.
    fn resolve(&self, path: &[String], depth: usize) -> Names {
        let mut module = Names::new();
        for (index, name) in path.iter().enumerate() {
            let child = [module.as_slice(), std::slice::from_ref(name)].concat();
            if self.modules.contains_key(&child) {
                module = child;
                continue;
            }
            return match self.aliases.get(&(module.clone(), name.clone())) {
                Some(target) if depth < 8 => self.resolve(&[target, &path[index + 1..]].concat(), depth + 1),
                _ => module,
            };
        }
        module
    }
}

impl Import {
    /// The name of the importing file.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: crate::{}", self.path, self.line, self.text)
    }
}

/// The folder and the module of a file below `src`.
fn place(path: &str) -> (Names, Names) {
    let mut names: Names = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let file = names.pop().unwrap_or_default();
    let folder = names.clone();
    if !(file == "mod" || folder.is_empty() && ["lib", "main"].contains(&file.as_str())) {
        names.push(file);
    }
    (folder, names)
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace")
}

/// All Rust files in a folder, sorted.
pub fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let mut found: Vec<PathBuf> = files.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs")).collect();
    found.extend(folders.iter().flat_map(|folder| source_files(folder)));
    found
}
