//! Requests of the generation settings, and the example of their view. The parts of the settings are described once, by the
//! request, because it states their bounds.

use domain::generation::{GenerationSettings, ModelKind};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::reply::ResponseBody;
use crate::http::text::Line;
use crate::http::view::Choice;

/// Settings that an administrator may change.
#[derive(Object)]
pub(super) struct ReplaceGenerationSettings {
    text: TextDefaults,
    image: ImageDefaults,
    ranges: GenerationRanges,
    /// Models on offer.
    #[oai(validator(min_items = 1, max_items = 100))]
    models: Vec<GenerationModel>,
    /// Samplers on offer.
    #[oai(validator(min_items = 1, max_items = 100))]
    samplers: Vec<Line<1, 100>>,
    prices: GenerationPrices,
}

/// Defaults for text.
#[derive(Object)]
struct TextDefaults {
    /// Code of the model.
    model: Line<1, 100>,
    /// Sampling temperature.
    temperature: f64,
    /// Nucleus sampling: the probability mass to draw from.
    top_p: f64,
    /// Longest reply, in tokens.
    max_tokens: i32,
}

/// Defaults for images.
#[derive(Object)]
struct ImageDefaults {
    /// Code of the model.
    model: Line<1, 100>,
    /// Sampler, one of the settings' samplers.
    sampler: Line<1, 100>,
    /// Diffusion steps.
    steps: i32,
    /// Guidance scale.
    cfg_scale: f64,
    /// Width in pixels.
    width: i32,
    /// Height in pixels.
    height: i32,
}

/// Allowed ranges of requests.
#[derive(Object)]
struct GenerationRanges {
    temperature: GenerationRange,
    top_p: GenerationRange,
    max_tokens: GenerationRange,
    steps: GenerationRange,
    cfg_scale: GenerationRange,
    size: GenerationRange,
}

/// An allowed range, both ends included.
#[derive(Object)]
struct GenerationRange {
    /// Smallest allowed value.
    min: f64,
    /// Largest allowed value.
    max: f64,
}

/// A model on offer.
#[derive(Object)]
struct GenerationModel {
    /// Its code in requests.
    code: Line<1, 100>,
    /// Its name for people.
    name: Line<1, 100>,
    kind: Choice<ModelKind>,
}

/// Prices in coins.
#[derive(Object)]
struct GenerationPrices {
    /// A text reply.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    text_reply: i64,
    /// An image.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    image: i64,
    /// Training a model.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    train: i64,
}

impl RequestBody for ReplaceGenerationSettings {
    fn example() -> Value {
        json!({
            "text": {"model": "quill-1", "temperature": 0.8, "top_p": 0.95, "max_tokens": 512},
            "image": {
                "model": "easel-1", "sampler": "euler_a", "steps": 28, "cfg_scale": 7.0, "width": 832, "height": 1216,
            },
            "ranges": {
                "temperature": {"min": 0.0, "max": 2.0}, "top_p": {"min": 0.0, "max": 1.0},
                "max_tokens": {"min": 16.0, "max": 4096.0}, "steps": {"min": 1.0, "max": 60.0},
                "cfg_scale": {"min": 1.0, "max": 20.0}, "size": {"min": 256.0, "max": 2048.0},
            },
            "models": [
                {"code": "quill-1", "name": "Quill 1", "kind": "text"}, {"code": "easel-1", "name": "Easel 1", "kind": "image"},
            ],
            "samplers": ["euler_a", "ddim"],
            "prices": {"text_reply": 1, "image": 5, "train": 50},
        })
    }
}

impl ResponseBody for GenerationSettings {
    fn example() -> Value {
        let mut example = ReplaceGenerationSettings::example();
        example["version"] = json!(1);
        example["updated_at"] = json!("2027-01-31T10:00:00Z");
        example
    }
}
