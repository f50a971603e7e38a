//! Finds keys in Redis with SCAN, page by page, on each master.

use fred::clients::{Client, WithOptions};
use fred::interfaces::{ClientLike, ClusterInterface, KeysInterface};
use fred::types::config::Options;

use super::redis::RedisStore;
use super::store::StoreUnavailable;

/// The number of keys per page of SCAN.
const PAGE: u32 = 500;

impl RedisStore {
    /// Physical keys that match a Redis glob, at most `limit`.
    pub(crate) async fn scan(&self, glob: &str, limit: usize) -> Result<Vec<String>, StoreUnavailable> {
        let mut keys = Vec::new();
        for master in self.masters() {
            let mut cursor = "0".to_owned();
            loop {
                let page: (String, Vec<String>) =
                    self.ask_without_tripping(master.scan_page(cursor, glob, Some(PAGE), None)).await?;
                keys.extend(page.1);
                cursor = page.0;
                if cursor == "0" || keys.len() >= limit {
                    break;
                }
            }
        }
        keys.truncate(limit);
        Ok(keys)
    }

    /// All masters of a cluster, or the one server.
    pub(crate) fn masters(&self) -> Vec<WithOptions<Client>> {
        let nodes = self.client().cached_cluster_state().map(|state| state.unique_primary_nodes()).unwrap_or_default();
        let on = |cluster_node| self.client().with_options(&Options { cluster_node, ..Options::default() });
        if nodes.is_empty() { vec![on(None)] } else { nodes.into_iter().map(|node| on(Some(node))).collect() }
    }
}

/// Escapes the special characters of a Redis glob.
pub(crate) fn escape_glob(text: &str) -> String {
    let special = |char| matches!(char, '*' | '?' | '[' | ']' | '\\' | '^');
    text.chars().flat_map(|char| special(char).then_some('\\').into_iter().chain([char])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_of_a_prefix_are_escaped_in_a_glob() {
        assert_eq!(escape_glob("a*[b]?"), r"a\*\[b\]\?");
    }
}
