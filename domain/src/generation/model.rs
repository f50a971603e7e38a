//! Values of the generation settings, and their validation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GenerationSettingsError;
use crate::revision::ETag;
use crate::{Invalid, Time};

/// The output of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Text.
    Text,
    /// Images.
    Image,
}

/// A model on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GenerationModel")]
pub struct Model {
    /// Its code in requests.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Its output.
    pub kind: ModelKind,
}

/// An allowed range, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GenerationRange")]
pub struct Range {
    /// Smallest allowed value.
    pub min: f64,
    /// Largest allowed value.
    pub max: f64,
}

/// Defaults for text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextDefaults {
    /// Code of the model.
    pub model: String,
    /// Sampling temperature.
    pub temperature: f64,
    /// Nucleus sampling: the probability mass to draw from.
    pub top_p: f64,
    /// Longest reply, in tokens.
    pub max_tokens: i32,
}

/// Defaults for images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageDefaults {
    /// Code of the model.
    pub model: String,
    /// Sampler, one of the settings' samplers.
    pub sampler: String,
    /// Diffusion steps.
    pub steps: i32,
    /// Guidance scale.
    pub cfg_scale: f64,
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
}

/// Allowed ranges of requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GenerationRanges")]
pub struct Ranges {
    /// For `text.temperature`.
    pub temperature: Range,
    /// For `text.top_p`.
    pub top_p: Range,
    /// For `text.max_tokens`.
    pub max_tokens: Range,
    /// For `image.steps`.
    pub steps: Range,
    /// For `image.cfg_scale`.
    pub cfg_scale: Range,
    /// For `image.width` and `image.height`.
    pub size: Range,
}

/// Prices in coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GenerationPrices")]
pub struct Prices {
    /// A text reply.
    pub text_reply: i64,
    /// An image.
    pub image: i64,
    /// Training a model.
    pub train: i64,
}

/// Settings that an administrator may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenerationValues {
    /// Defaults for text.
    pub text: TextDefaults,
    /// Defaults for images.
    pub image: ImageDefaults,
    /// Allowed ranges.
    pub ranges: Ranges,
    /// Models on offer.
    #[schemars(length(min = 1, max = 100))]
    pub models: Vec<Model>,
    /// Samplers on offer.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 100)))]
    pub samplers: Vec<String>,
    /// Prices in coins.
    pub prices: Prices,
}

/// The generation settings in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenerationSettings {
    /// The values.
    #[serde(flatten)]
    pub values: GenerationValues,
    /// Version; every change increments it.
    pub version: i64,
    /// When they were last changed.
    pub updated_at: Time,
}

impl GenerationSettings {
    /// The entity tag of a version of the settings.
    #[must_use]
    pub fn etag(version: i64) -> ETag {
        ETag::of_version("generation-settings", version)
    }
}

impl GenerationValues {
    /// Checks that every default is within its range and that its model or sampler exists.
    ///
    /// # Errors
    /// [`GenerationSettingsError::Invalid`] with a pointer to the first invalid value.
    pub fn checked(self) -> Result<Self, GenerationSettingsError> {
        let (text, image, ranges) = (&self.text, &self.image, &self.ranges);
        check_range("/text/temperature", text.temperature, "/ranges/temperature", ranges.temperature)?;
        check_range("/text/top_p", text.top_p, "/ranges/top_p", ranges.top_p)?;
        check_range("/text/max_tokens", text.max_tokens.into(), "/ranges/max_tokens", ranges.max_tokens)?;
        check_range("/image/steps", image.steps.into(), "/ranges/steps", ranges.steps)?;
        check_range("/image/cfg_scale", image.cfg_scale, "/ranges/cfg_scale", ranges.cfg_scale)?;
        check_range("/image/width", image.width.into(), "/ranges/size", ranges.size)?;
        check_range("/image/height", image.height.into(), "/ranges/size", ranges.size)?;
        self.check_model("/text/model", ModelKind::Text, &text.model)?;
        self.check_model("/image/model", ModelKind::Image, &image.model)?;
        require(self.samplers.contains(&image.sampler), "/image/sampler", "must be one of the samplers")?;
        Ok(self)
    }

    fn check_model(&self, pointer: &str, kind: ModelKind, code: &str) -> Result<(), GenerationSettingsError> {
        let exists = self.models.iter().any(|model| model.kind == kind && model.code == code);
        require(exists, pointer, "must be the code of one of the models of its kind")
    }
}

fn check_range(pointer: &str, value: f64, range_pointer: &str, range: Range) -> Result<(), GenerationSettingsError> {
    require(range.min <= range.max, range_pointer, "must have a min that is not above its max")?;
    require((range.min..=range.max).contains(&value), pointer, "must be within its range")
}

fn require(holds: bool, pointer: &str, reason: &str) -> Result<(), GenerationSettingsError> {
    if holds {
        return Ok(());
    }
    Err(GenerationSettingsError::Invalid { pointer: pointer.to_owned(), reason: Invalid::new(reason) })
}

impl Default for GenerationValues {
    /// The settings of a new installation.
    fn default() -> Self {
        let model = |code: &str, name: &str, kind| Model { code: code.into(), name: name.into(), kind };
        Self {
            text: TextDefaults { model: "quill-1".into(), temperature: 0.8, top_p: 0.95, max_tokens: 512 },
            image: ImageDefaults {
                model: "easel-1".into(),
                sampler: "euler_a".into(),
                steps: 28,
                cfg_scale: 7.0,
                width: 832,
                height: 1216,
            },
            ranges: Ranges {
                temperature: Range { min: 0.0, max: 2.0 },
                top_p: Range { min: 0.0, max: 1.0 },
                max_tokens: Range { min: 16.0, max: 4096.0 },
                steps: Range { min: 1.0, max: 60.0 },
                cfg_scale: Range { min: 1.0, max: 20.0 },
                size: Range { min: 256.0, max: 2048.0 },
            },
            models: vec![
                model("quill-1", "Quill 1", ModelKind::Text),
                model("quill-1-long", "Quill 1 with long context", ModelKind::Text),
                model("easel-1", "Easel 1", ModelKind::Image),
            ],
            samplers: ["euler_a", "dpmpp_2m", "ddim"].map(String::from).into(),
            prices: Prices { text_reply: 1, image: 5, train: 50 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer_of(change: impl FnOnce(&mut GenerationValues)) -> String {
        let mut values = GenerationValues::default();
        change(&mut values);
        match values.checked() {
            Err(GenerationSettingsError::Invalid { pointer, .. }) => pointer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_default_settings_are_valid() {
        assert!(GenerationValues::default().checked().is_ok());
    }

    #[test]
    fn an_error_points_to_the_invalid_value() {
        assert_eq!(pointer_of(|v| v.text.temperature = 9.0), "/text/temperature");
        assert_eq!(pointer_of(|v| v.text.temperature = f64::NAN), "/text/temperature");
        assert_eq!(pointer_of(|v| v.ranges.steps = Range { min: 9.0, max: 1.0 }), "/ranges/steps");
        assert_eq!(pointer_of(|v| v.text.model = "easel-1".into()), "/text/model");
        assert_eq!(pointer_of(|v| v.image.sampler = "none".into()), "/image/sampler");
        assert_eq!(pointer_of(|v| v.image.height = 1), "/image/height");
    }
}
