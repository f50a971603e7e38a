//! A decision tree in 12 bytes a node.

use serde::{Deserialize, Serialize};

/// The feature of a leaf.
const LEAF: u16 = u16::MAX;

/// Greatest number of features.
pub(super) const MAX_FEATURES: usize = LEAF as usize;

/// A node of a tree. The nodes are in preorder: that for smaller values follows its parent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    /// The feature that is compared; [`LEAF`] if it is a leaf.
    feature: u16,
    /// The greatest value of the first branch; of a leaf the mean of its targets, or how many classes it has.
    number: f32,
    /// The node of the second branch; of a leaf the place of its first class.
    next: u32,
}

/// The share of a class in a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Share {
    class: u16,
    share: f32,
}

/// A decision tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// The classes of the leaves, one leaf after the other. Empty if the targets are numbers.
    shares: Vec<Share>,
}

impl Node {
    pub(super) const fn split(feature: u16, number: f32) -> Self {
        Self { feature, number, next: 0 }
    }

    pub(super) const fn leaf(number: f32) -> Self {
        Self { feature: LEAF, number, next: 0 }
    }

    const fn is_leaf(self) -> bool {
        self.feature == LEAF
    }

    /// The feature that is compared; none of a leaf.
    pub(super) fn feature(self) -> Option<usize> {
        (!self.is_leaf()).then_some(usize::from(self.feature))
    }

    pub(super) const fn branch(&mut self, next: u32) {
        self.next = next;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number of a leaf's classes is a small integer"
    )]
    const fn shares(self) -> std::ops::Range<usize> {
        self.next as usize..(self.next as usize).saturating_add(self.number as usize)
    }
}

impl Tree {
    /// The leaf of a row.
    pub(super) fn leaf(&self, features: impl Fn(usize) -> f32) -> usize {
        let mut place = 0;
        loop {
            let node = self.nodes[place];
            if node.is_leaf() {
                return place;
            }
            place = if features(usize::from(node.feature)) <= node.number { place + 1 } else { node.next as usize };
        }
    }

    /// Adds the number, or the share of each class, to a sum.
    pub(super) fn add_to(&self, features: &[f32], sum: &mut [f64]) {
        let leaf = self.nodes[self.leaf(|feature| features[feature])];
        if self.shares.is_empty() {
            sum[0] += f64::from(leaf.number);
            return;
        }
        for share in &self.shares[leaf.shares()] {
            sum[usize::from(share.class)] += f64::from(share.share);
        }
    }

    /// Replaces the numbers of the leaves by the shares of classes. `members` has the leaf and the class of each row, in this order.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "numbers of rows, and places below 2^32")]
    pub(super) fn set_shares(&mut self, members: &[(u32, u16)]) {
        for leaf in members.chunk_by(|a, b| a.0 == b.0) {
            let first = self.shares.len();
            for class in leaf.chunk_by(|a, b| a.1 == b.1) {
                self.shares.push(Share { class: class[0].1, share: class.len() as f32 / leaf.len() as f32 });
            }
            let node = &mut self.nodes[leaf[0].0 as usize];
            (node.next, node.number) = (first as u32, (self.shares.len() - first) as f32);
        }
        self.shares.shrink_to_fit();
    }

    /// Whether a stored tree can be followed with so many features, and yields so many outputs.
    pub(super) fn is_valid(&self, features: usize, outputs: usize) -> bool {
        let is_classes = outputs > 1;
        let is_share = |share: &Share| usize::from(share.class) < outputs && (0.0..=1.0).contains(&share.share);
        let is_node = |(place, node): (usize, &Node)| {
            if !node.is_leaf() {
                let next = node.next as usize;
                return usize::from(node.feature) < features && next > place + 1 && next < self.nodes.len();
            }
            node.number.is_finite() && (!is_classes || node.number >= 0.0 && node.shares().end <= self.shares.len())
        };
        let ends_in_leaf = self.nodes.last().is_some_and(|node| node.is_leaf());
        ends_in_leaf
            && is_classes != self.shares.is_empty()
            && self.shares.iter().all(is_share)
            && self.nodes.iter().enumerate().all(is_node)
    }
}
