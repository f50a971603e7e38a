//! Random forests (Breiman, "Random Forests", Machine Learning 45, 2001), grown tree by tree by smartcore's regressor.
//!
//! smartcore's classifier scans all rows in each node and keeps a list of all rows in each open node: 1.1 s and 120 MB a tree on 80,000
//! rows, where its regressor takes 0.1 s and 20 MB. So classes are learnt by the regressor too, from a random number for each class that is
//! drawn anew for each tree, and the leaves then get the shares of the classes (Joly, Geurts and Wehenkel, "Random forests with random
//! projections of the output space for high dimensional multi-label classification", ECML PKDD 2014). For two classes the variance of the
//! numbers is the Gini impurity up to a factor, so that the splits are those of a classifier.

mod extract;
mod grow;
mod plan;
mod tree;

use serde::{Deserialize, Serialize};

pub(super) use grow::Grower;
pub(super) use plan::Plan;
use tree::Tree;

/// A random forest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Forest {
    trees: Vec<Tree>,
}

impl Forest {
    /// Sets the number, or the probability of each class: the mean of the trees.
    pub(super) fn predict(&self, features: &[f32], output: &mut [f64]) {
        output.fill(0.0);
        self.trees.iter().for_each(|tree| tree.add_to(features, output));
        #[expect(clippy::cast_precision_loss, reason = "a number of trees")]
        let count = self.trees.len() as f64;
        for sum in output.iter_mut() {
            *sum /= count;
        }
    }

    /// Number of trees.
    pub(super) const fn len(&self) -> usize {
        self.trees.len()
    }

    /// Number of nodes of all trees.
    pub(super) fn nodes(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// How often each feature is compared.
    pub(super) fn uses(&self, features: usize) -> Vec<usize> {
        let mut uses = vec![0; features];
        let nodes = self.trees.iter().flat_map(|tree| &tree.nodes);
        nodes.filter_map(|node| node.feature()).for_each(|feature| uses[feature] += 1);
        uses
    }

    /// Whether a stored forest fits its number of features and of outputs.
    pub(super) fn is_valid(&self, features: usize, outputs: usize) -> bool {
        !self.trees.is_empty() && self.trees.iter().all(|tree| tree.is_valid(features, outputs))
    }
}

#[cfg(test)]
mod tests;
