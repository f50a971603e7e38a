//! Checks whether the database and Redis are available.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;
use domain::ops::{Health, HealthService, Status};

use crate::cache::Cache;
use crate::db::Pools;

/// The dependencies of this server.
pub(crate) struct Dependencies {
    pub(crate) database: Pools,
    pub(crate) cache: Arc<Cache>,
}

fn status(available: bool) -> Status {
    if available { Status::Up } else { Status::Down }
}

#[async_trait]
impl HealthService for Dependencies {
    async fn check(&self) -> Health {
        let redis = async {
            match self.cache.layer() {
                Layer::Local => Status::Absent,
                Layer::Shared => status(self.cache.is_available().await),
            }
        };
        let (database, redis) = tokio::join!(self.database.is_available(), redis);
        Health { database: status(database), redis }
    }
}
