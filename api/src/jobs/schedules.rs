//! The administration of schedules.

use std::sync::Arc;

use domain::jobs::{CronText, Missed, Schedule, ScheduleChange, ScheduleError, ScheduleService, Zone};
use domain::page::Page;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::conditional::IfMatch;
use crate::http::params::{After, Limit, Query, page};
use crate::http::principal::Administrator;
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{Reply, Secret, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Line;
use crate::http::view::Choice;

/// Operations of administrators on schedules.
pub(crate) struct SchedulesApi(pub(crate) Arc<dyn ScheduleService>);

#[OpenApi]
impl SchedulesApi {
    /// List the schedules
    ///
    /// By name.
    #[oai(path = "/v1/admin/schedules", method = "get", operation_id = "listSchedules", tag = "Tag::Admin")]
    async fn list(
        &self,
        actor: Administrator,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Schedule>, Secret>> {
        Ok(Reply::of(&self.0.schedules(&actor, &page(limit, cursor)).await?)?)
    }

    /// Read a schedule
    ///
    /// A change sends its `ETag` in `If-Match`.
    #[oai(path = "/v1/admin/schedules/:name", method = "get", operation_id = "getSchedule", tag = "Tag::Admin")]
    async fn read(&self, actor: Administrator, name: Path<Line<1, 64>>) -> Result<Reply<Schedule, Versioned>> {
        let schedule = self.0.schedule(&actor, &name.0).await?;
        Ok(Reply::tagged(&schedule, &schedule.etag())?)
    }

    /// Change a schedule
    ///
    /// Its next time is the first after the change. A schedule that is disabled enqueues no jobs, and makes up for none when it is
    /// enabled again.
    #[oai(path = "/v1/admin/schedules/:name", method = "patch", operation_id = "updateSchedule", tag = "Tag::Admin")]
    async fn update(
        &self,
        actor: Administrator,
        name: Path<Line<1, 64>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateSchedule>,
    ) -> Result<Reply<Schedule, Versioned>> {
        let schedule = self.0.change(&actor, &name.0, &seen, body.0.change()?).await?;
        Ok(Reply::tagged(&schedule, &schedule.etag())?)
    }
}

/// A change of a schedule.
#[derive(Object)]
struct UpdateSchedule {
    /// When it is due: five fields, as crontab(5) has them.
    cron: Option<Line<9, 100>>,
    /// A time zone of the IANA database.
    zone: Option<Line<1, 64>>,
    /// What is run of missed times.
    missed: Option<Choice<Missed>>,
    /// Whether it enqueues jobs.
    enabled: Option<bool>,
}

impl RequestBody for UpdateSchedule {
    const MIN_FIELDS: usize = 1;

    fn example() -> Value {
        json!({"cron": "30 3 * * *", "zone": "Europe/Berlin", "missed": "once", "enabled": true})
    }
}

impl UpdateSchedule {
    fn change(&self) -> Result<ScheduleChange> {
        Ok(ScheduleChange {
            cron: self.cron.as_deref().map(CronText::parse).transpose().at("/cron")?,
            zone: self.zone.as_deref().map(Zone::parse).transpose().at("/zone")?,
            missed: self.missed.as_ref().map(|missed| missed.0),
            enabled: self.enabled,
        })
    }
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::NotFound => Self::new(Kind::NotFound, "There is no such schedule."),
            ScheduleError::Stale(stale) => stale.into(),
            ScheduleError::Forbidden(forbidden) => forbidden.into(),
            ScheduleError::Cursor(cursor) => cursor.into(),
            ScheduleError::Service(error) => error.into(),
        }
    }
}
