//! Asks the database and Redis whether they answer.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;
use domain::health::{Health, HealthService, Status};

use crate::cache::Cache;
use crate::sql::Database;

/// The parts that this deployment stands on.
pub(crate) struct Parts {
    pub(crate) database: Database,
    pub(crate) cache: Arc<Cache>,
}

fn status(answers: bool) -> Status {
    if answers { Status::Up } else { Status::Down }
}

#[async_trait]
impl HealthService for Parts {
    async fn check(&self) -> Health {
        let redis = async {
            match self.cache.layer() {
                Layer::Memory => Status::Absent,
                Layer::Redis => status(self.cache.answers().await),
            }
        };
        let (database, redis) = tokio::join!(self.database.answers(), redis);
        Health { database: status(database), redis }
    }
}
