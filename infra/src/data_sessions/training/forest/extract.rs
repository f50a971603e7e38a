//! Extracts the trees from smartcore's forest, whose nodes are private, through serde.
//!
//! The types below have the fields of those of smartcore 0.7.0 in the same order, which is all that postcard needs. The version is pinned,
//! and a test compares the predictions. A node of smartcore takes 80 bytes, and one of ours 12.

use serde::{Deserialize, Serialize};

use super::tree::{Node, Tree};

#[derive(Deserialize)]
struct Regressor {
    forest: Option<Forest>,
}

#[derive(Deserialize)]
struct Forest {
    trees: Option<Vec<TheirTree>>,
    _num_features: Option<usize>,
    _samples: Option<Vec<Vec<bool>>>,
}

#[derive(Deserialize)]
struct TheirTree {
    nodes: Vec<TheirNode>,
    _parameters: Option<Parameters>,
    _depth: u16,
    _root_mass: f64,
}

#[derive(Deserialize)]
struct Parameters {
    _max_depth: Option<u16>,
    _min_samples_leaf: usize,
    _min_samples_split: usize,
    _seed: Option<u64>,
    _splitter: Splitter,
}

#[derive(Deserialize)]
enum Splitter {
    Random,
    Best,
}

#[derive(Deserialize)]
struct TheirNode {
    output: f64,
    feature: usize,
    value: Option<f64>,
    _score: Option<f64>,
    true_child: Option<usize>,
    false_child: Option<usize>,
}

/// The trees of a `RandomForestRegressor`.
pub(super) fn trees(forest: impl Serialize) -> Result<Vec<Tree>, String> {
    let bytes = postcard::to_stdvec(&forest).map_err(|error| error.to_string())?;
    drop(forest);
    let (regressor, rest) = postcard::take_from_bytes::<Regressor>(&bytes).map_err(|error| error.to_string())?;
    let is_whole = rest.is_empty();
    let trees = regressor.forest.and_then(|forest| forest.trees).filter(|_| is_whole);
    drop(bytes);
    let trees = trees.ok_or("smartcore's forest has another form than expected")?;
    trees.into_iter().map(|tree| convert(&tree.nodes)).collect()
}

/// The nodes in preorder. `pending` has the nodes to visit, with the place of the parent whose second branch they are.
fn convert(theirs: &[TheirNode]) -> Result<Tree, String> {
    let mut tree = Tree::default();
    let mut pending: Vec<(usize, Option<usize>)> = vec![(0, None)];
    while let Some((index, parent)) = pending.pop() {
        let place = tree.nodes.len();
        if let Some(parent) = parent {
            tree.nodes[parent].branch(u32::try_from(place).map_err(|error| error.to_string())?);
        }
        let node = theirs.get(index).ok_or("a node of smartcore's tree is missing")?;
        match (node.true_child, node.false_child, node.value) {
            (Some(first), Some(second), Some(value)) => {
                let feature = u16::try_from(node.feature).map_err(|error| error.to_string())?;
                tree.nodes.push(Node::split(feature, round_down(value)));
                pending.push((second, Some(place)));
                pending.push((first, None));
            }
            _ => tree.nodes.push(Node::leaf(nearest(node.output))),
        }
    }
    tree.nodes.shrink_to_fit();
    Ok(tree)
}

/// The greatest `f32` that is not above a value: each `f32` compares to it as to the value.
fn round_down(value: f64) -> f32 {
    let rounded = nearest(value);
    if f64::from(rounded) > value { rounded.next_down() } else { rounded }
}

#[expect(clippy::cast_possible_truncation, reason = "numbers of leaves and thresholds are kept in single precision")]
fn nearest(value: f64) -> f32 {
    value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_never_rounded_above_a_value() {
        let (a, b) = (1.0_f32, 1.0_f32.next_up());
        let middle = f64::midpoint(f64::from(a), f64::from(b));
        assert!(round_down(middle) < b && round_down(middle) >= a);
        assert!(round_down(-middle) < -a);
    }
}
