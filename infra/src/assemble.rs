//! Assembles the services: first the storage, then the decorators that cache its reads.

use std::path::PathBuf;
use std::sync::Arc;

use domain::billing::payments::{EventSource, PaymentProvider, RequestOutcome};
use domain::characters::CharacterReads;
use domain::generation::GenerationReads;
use domain::jobs::Missed;
use domain::limits::DefaultLimits;
use domain::ops::{LimitMetrics, TestClock};
use domain::revision::ETag;
use domain::{ServiceError, Services};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use crate::billing::coins::{
    CachedCoinReads, CloseCoinAccount, OpenCoinAccount, RedactEntries, RedactGrantKeys, RedactHolds, ReleaseExpiredCoins,
    SqlCoinReads, SqlCoins, VoidIdleHolds,
};
use crate::billing::ledger_audit::{AuditLedger, SqlAudit};
use crate::billing::payments::{InstallPackages, Manual, MatchPaymentEvents, OLD_EVENTS, SqlPayments, Stripe};
use crate::billing::plans::{InstallPlans, SqlPlans};
use crate::billing::subscriptions::{
    CachedSubscriptionReads, CatchUpSubscriptions, EndSubscription, PaymentEffects, SqlSubscriptionReads, SqlSubscriptions,
    StopSubscription, TrialClaims, TrialPolicy,
};
use crate::billing::usage::{CachedUsageReads, OLD_DAYS, PlanJobLimit, SqlUsage, SqlUsageReads};
use crate::characters::{CachedCharacterReads, CharacterCount, EraseCharacters, SqlCharacterReads, SqlCharacters};
use crate::chats::{CachedChatReads, EraseChats, EraseMessages, SqlChatReads, SqlChats};
use crate::config::{ClockPolicy, Collector, Config, Process};
use crate::core_parts::Core;
use crate::data_sessions::{DataSessions, EraseDataSessions, Parts as DataSessionParts};
use crate::db::{Installer, sqlite_file};
use crate::generation::{CachedGenerationReads, InstallGenerationSettings, SqlGenerationReads, SqlGenerationSettings};
use crate::identity::{
    AccountAttempts, AddressPolicy, CachedAuthenticator, CachedUserDirectory, CachedUserSettingsReads, EraseAccount, EraseJobs,
    Eraser, ExportAccount, LastUses, NewUserHook, OLD_ROWS, Passwords, RecordLastUses, ResumeErasures, SendAccountMail, Sessions,
    SqlAccountLinks, SqlAccounts, SqlAuthenticator, SqlDeletions, SqlExports, SqlKeys, SqlPermissions, SqlUserAdministration,
    SqlUserDirectory, SqlUserSettings, SqlUserSettingsReads, TokenKeys, Tokens,
};
use crate::jobs::{
    InstallSchedules, JobWorker, Kinds, OLD_IDEMPOTENCY_KEYS, Planned, PromoteJobs, PurgeJobs, PurgeOldRows, RecoverJobs,
    RunSchedules, ScheduledTask, Scheduler, SqlJobAdministration, SqlJobs, SqlSchedules, WorkerParts,
};
use crate::limits::{Parts as LimiterParts, PlanLimits, RequestLimiter};
use crate::mail::{Mailer, OLD_MAILS, SqlKeptMails};
use crate::ops::{CacheOperator, Dependencies, Readership, ScheduledClock};
use crate::start_error::StartError;
use crate::tickets::{OLD_TICKETS, SqlTickets};

/// The rows that every installation must have.
pub(crate) const INSTALLERS: [&dyn Installer; 4] =
    [&InstallPlans, &InstallPackages, &InstallGenerationSettings, &InstallSchedules(&SCHEDULES)];

/// The schedules that every installation has.
const SCHEDULES: [Planned; 1] = [Planned::of::<AuditLedger>("audit_ledger", "30 3 * * *", Missed::Once)];

/// Collects payments, and reports their events.
struct Provider {
    collector: Arc<dyn PaymentProvider>,
    source: Option<Arc<dyn EventSource>>,
}

/// Connects and assembles the services; see [`connect`](crate::connect).
pub(crate) async fn services(config: Config, background: &Handle) -> Result<Services, StartError> {
    let provider = provider(config.collector, config.stripe_secret.clone())?;
    let tokens = Tokens::new(&config.token_secret, &config.accepted_token_secrets);
    let link_tokens = TokenKeys::new(&config.token_secret, &config.accepted_token_secrets)?;
    let passwords = Passwords::new(config.password_queue)?;
    let (limits, token_secret, accepted) = (config.limits, config.token_secret.clone(), config.accepted_token_secrets.clone());
    let (mail, verified_email) = (config.mail.clone(), config.verified_email);
    let (process, slots, warm_up, clock_policy) = (config.process, config.workers, config.cache_warm_up, config.clock);
    let (data_config, frames_folder) = (config.data_sessions.clone(), frames_folder(&config));
    let core = Core::connect(config, background).await?;
    let data_sessions = DataSessions::new(DataSessionParts {
        db: core.db(),
        clock: core.clock(),
        cache: core.cache(),
        config: data_config,
        folder: frames_folder.as_deref(),
        secret: &token_secret,
        job_limit: Arc::new(PlanJobLimit),
    })?;

    let mailer = Arc::new(Mailer::new(mail, core.clock())?);
    let policy = AddressPolicy { sends_mail: mailer.sends(), verified_email };
    let secrets: Vec<&SecretString> = std::iter::once(&token_secret).chain(&accepted).collect();
    let trials = TrialPolicy { verified_email, claims: TrialClaims::new(&secrets)? };
    let subscriptions = Arc::new(core.subscriptions(&provider, trials));
    let end_subscription = EndSubscription(Arc::clone(&provider.collector));
    let stop_subscription = StopSubscription(Arc::clone(&provider.collector));
    let payments = Arc::new(core.payments(provider));
    let attempts = AccountAttempts::new(core.db(), &secrets, limits.is_some())?;
    let limiter = limits.map(|defaults| core.limiter(defaults));
    let last_uses = Arc::new(LastUses::default());
    let ledger_audit = Arc::new(SqlAudit::new(core.pools()));
    let kinds =
        core.job_kinds(&ledger_audit).with(core.account_mails(mailer, link_tokens.clone())).with(data_sessions.training());
    let mut tasks = core.tasks(&subscriptions, &payments);
    tasks.extend(core.job_tasks(&kinds).into_iter().chain(core.purges()));
    tasks.push(Arc::new(RecordLastUses { uses: Arc::clone(&last_uses), db: core.db() }));
    tasks.push(Arc::new(attempts.clone()));
    tasks.push(Arc::new(data_sessions.expiry()));
    let scheduler = Scheduler::new(tasks, core.clock());
    let job_worker = core.job_worker(kinds.clone(), slots);
    if process != Process::Command {
        scheduler.start(slots > 0);
        job_worker.start();
    }
    let readership = Arc::new(Readership::default());
    let character_reads = core.character_reads(&readership);
    let generation_reads: Arc<dyn GenerationReads> =
        Arc::new(CachedGenerationReads::new(SqlGenerationReads(core.pools()), core.cache()));
    let operator = CacheOperator {
        cache: core.cache(),
        redis: core.redis.clone(),
        database: core.db(),
        characters: Arc::clone(&character_reads),
        generation: Arc::clone(&generation_reads),
        source: SqlCharacterReads(core.pools()),
        readership,
        workers: Arc::clone(&core.workers),
        started_at: core.clock().now(),
        scheduler: Arc::clone(&scheduler),
        jobs: Arc::clone(&job_worker),
        clock: core.clock(),
        limits: limit_metrics(limiter.clone(), passwords.clone(), attempts.clone()),
    };
    let (pools, clock) = (core.pools(), core.clock());
    let authenticator = SqlAuthenticator { pools: core.pools(), tokens: tokens.clone(), clock: core.clock() };
    let usage = SqlUsageReads { pools: core.pools(), clock: core.clock(), characters: Arc::new(CharacterCount) };
    Ok(Services {
        sessions: Arc::new(Sessions::new(core.db(), tokens.clone(), core.clock())),
        user_administration: Arc::new(core.user_administration(link_tokens.clone(), stop_subscription)),
        account_links: Arc::new(core.account_links(passwords.clone(), attempts.clone(), link_tokens)),
        deletions: Arc::new(core.deletions(passwords.clone(), attempts.clone(), end_subscription)),
        exports: Arc::new(SqlExports { db: core.db(), clock: core.clock(), job_limit: Arc::new(PlanJobLimit) }),
        accounts: Arc::new(core.accounts(passwords, attempts, tokens, policy)),
        authenticator: Arc::new(CachedAuthenticator::new(authenticator, core.cache(), core.clock(), last_uses)),
        tickets: Arc::new(SqlTickets { db: core.db(), clock: core.clock() }),
        api_keys: Arc::new(SqlKeys { db: core.db(), clock: core.clock() }),
        permissions: Arc::new(SqlPermissions { db: core.db(), clock: core.clock() }),
        user_settings: Arc::new(SqlUserSettings { db: core.db(), clock: core.clock() }),
        user_settings_reads: Arc::new(CachedUserSettingsReads::new(SqlUserSettingsReads(core.pools()), core.cache())),
        subscriptions,
        subscription_reads: Arc::new(CachedSubscriptionReads::new(SqlSubscriptionReads { pools, clock }, core.cache())),
        usage_reads: Arc::new(CachedUsageReads::new(usage, core.cache())),
        usage: Arc::new(SqlUsage { db: core.db(), clock: core.clock(), characters: Arc::new(CharacterCount) }),
        plans: Arc::new(SqlPlans { db: core.db(), clock: core.clock() }),
        payments,
        coins: Arc::new(SqlCoins { db: core.db(), clock: core.clock() }),
        coin_reads: Arc::new(CachedCoinReads::new(SqlCoinReads { pools: core.pools(), clock: core.clock() }, core.cache())),
        ledger_audit,
        characters: Arc::new(SqlCharacters { db: core.db(), clock: core.clock() }),
        character_reads,
        generation: Arc::new(SqlGenerationSettings { db: core.db(), clock: core.clock() }),
        generation_reads,
        chats: Arc::new(SqlChats { db: core.db(), clock: core.clock() }),
        chat_reads: Arc::new(CachedChatReads::new(SqlChatReads(core.pools()), core.cache())),
        data_sessions: data_sessions.service,
        data_session_reads: data_sessions.reads,
        kept_mails: Arc::new(SqlKeptMails(core.db())),
        jobs: Arc::new(SqlJobs { db: core.db(), clock: core.clock() }),
        job_administration: Arc::new(SqlJobAdministration { db: core.db(), clock: core.clock(), kinds }),
        schedules: Arc::new(SqlSchedules { db: core.db(), clock: core.clock() }),
        background: Arc::<JobWorker>::clone(&job_worker),
        limiter: limiter.map(|limiter| Arc::new(limiter) as _),
        health: Arc::new(Dependencies { database: core.pools(), cache: core.cache() }),
        operator: operator.start(warm_up),
        clock: core.clock(),
        test_clock: core.test_clock(clock_policy, scheduler, job_worker),
    })
}

impl Core {
    /// The clock with a setter, if administrators may move the time.
    fn test_clock(&self, policy: ClockPolicy, scheduler: Arc<Scheduler>, jobs: Arc<JobWorker>) -> Option<Arc<dyn TestClock>> {
        let is_movable = matches!(policy, ClockPolicy::Movable(_));
        is_movable.then(|| Arc::new(ScheduledClock { clock: Arc::clone(&self.clock), db: self.db(), scheduler, jobs }) as _)
    }

    fn accounts(
        &self,
        passwords: Passwords,
        attempts: AccountAttempts,
        tokens: Tokens,
        policy: AddressPolicy,
    ) -> SqlAccounts<CachedUserDirectory<SqlUserDirectory>> {
        SqlAccounts {
            db: self.db(),
            directory: CachedUserDirectory::new(SqlUserDirectory(self.pools()), self.cache()),
            passwords,
            attempts,
            sessions: Sessions::new(self.db(), tokens, self.clock()),
            clock: self.clock(),
            policy,
            hooks: new_user_hooks(),
        }
    }

    fn account_links(&self, passwords: Passwords, attempts: AccountAttempts, keys: TokenKeys) -> SqlAccountLinks {
        let (db, clock, hooks) = (self.db(), self.clock(), new_user_hooks());
        SqlAccountLinks { db, keys, passwords, attempts, clock, hooks }
    }

    fn account_mails(&self, mailer: Arc<Mailer>, keys: TokenKeys) -> SendAccountMail {
        SendAccountMail { db: self.db(), clock: self.clock(), keys, mailer }
    }

    fn limiter(&self, defaults: DefaultLimits) -> RequestLimiter {
        let redis = self.redis.as_ref().map(|redis| (Arc::clone(redis), self.cache.prefix().to_owned()));
        let plans = PlanLimits::new(self.pools(), self.cache(), self.clock());
        let workers = Arc::clone(&self.workers);
        let live_servers = Arc::new(move || workers.live_servers());
        RequestLimiter::new(LimiterParts { defaults, plans, redis, live_servers })
    }

    fn user_administration(&self, keys: TokenKeys, stop_subscription: StopSubscription) -> SqlUserAdministration {
        let hooks = [Arc::new(stop_subscription) as _, Arc::new(VoidIdleHolds) as _].into();
        SqlUserAdministration { db: self.db(), clock: self.clock(), keys, hooks }
    }

    fn deletions(&self, passwords: Passwords, attempts: AccountAttempts, end_subscription: EndSubscription) -> SqlDeletions {
        let hooks = [Arc::new(end_subscription) as _, Arc::new(CloseCoinAccount) as _].into();
        SqlDeletions { db: self.db(), passwords, attempts, clock: self.clock(), hooks }
    }

    /// The kinds of jobs of the site and of accounts.
    fn job_kinds(&self, ledger_audit: &Arc<SqlAudit>) -> Kinds {
        let erasers: Vec<Arc<dyn Eraser>> = vec![
            Arc::new(EraseMessages),
            Arc::new(EraseChats),
            Arc::new(EraseCharacters),
            Arc::new(EraseJobs),
            Arc::new(EraseDataSessions),
            Arc::new(RedactGrantKeys),
            Arc::new(RedactHolds(self.clock())),
            Arc::new(RedactEntries),
        ];
        Kinds::default()
            .with(AuditLedger(Arc::clone(ledger_audit)))
            .with(EraseAccount { db: self.db(), clock: self.clock(), erasers })
            .with(ExportAccount { db: self.db(), clock: self.clock() })
    }

    fn subscriptions(&self, provider: &Provider, trials: TrialPolicy) -> SqlSubscriptions {
        SqlSubscriptions { db: self.db(), clock: self.clock(), provider: Arc::clone(&provider.collector), trials }
    }

    fn payments(&self, provider: Provider) -> SqlPayments {
        SqlPayments {
            db: self.db(),
            clock: self.clock(),
            provider: provider.collector,
            source: provider.source,
            subscriptions: Arc::new(PaymentEffects),
        }
    }

    fn tasks(&self, subscriptions: &Arc<SqlSubscriptions>, payments: &Arc<SqlPayments>) -> Vec<Arc<dyn ScheduledTask>> {
        vec![
            Arc::new(CatchUpSubscriptions(Arc::clone(subscriptions))),
            Arc::new(ResumeErasures(self.db())),
            Arc::new(ReleaseExpiredCoins(self.db())),
            Arc::new(MatchPaymentEvents(Arc::clone(payments))),
        ]
    }

    fn purges(&self) -> impl Iterator<Item = Arc<dyn ScheduledTask>> {
        let old = [OLD_IDEMPOTENCY_KEYS, OLD_MAILS, OLD_EVENTS, OLD_DAYS, OLD_TICKETS].into_iter().chain(OLD_ROWS);
        old.map(|rows| Arc::new(PurgeOldRows { db: self.db(), rows }) as Arc<dyn ScheduledTask>)
    }

    fn job_tasks(&self, kinds: &Kinds) -> Vec<Arc<dyn ScheduledTask>> {
        vec![
            Arc::new(RunSchedules { db: self.db(), kinds: kinds.clone() }),
            Arc::new(PromoteJobs(self.db())),
            Arc::new(RecoverJobs(self.db())),
            Arc::new(PurgeJobs(self.db())),
        ]
    }

    fn job_worker(&self, kinds: Kinds, slots: usize) -> Arc<JobWorker> {
        let workers = Arc::clone(&self.workers);
        let worker = Arc::new(move || workers.id());
        JobWorker::new(WorkerParts { db: self.db(), clock: self.clock(), kinds, worker, slots })
    }

    fn character_reads(&self, readership: &Arc<Readership>) -> Arc<dyn CharacterReads> {
        let readership = Arc::clone(readership);
        let on_read = move |read: &ETag| readership.record(read);
        Arc::new(CachedCharacterReads::new(SqlCharacterReads(self.pools()), self.cache(), on_read))
    }
}

/// The folder of the frames of data sessions: beside the SQLite file. Postgres has none.
fn frames_folder(config: &Config) -> Option<PathBuf> {
    let file = sqlite_file(config.database_url.expose_secret())?;
    Some(file.with_added_extension("data"))
}

/// What other features insert for a new user.
fn new_user_hooks() -> Arc<[Arc<dyn NewUserHook>]> {
    [Arc::new(OpenCoinAccount) as _].into()
}

/// The metrics of the limits of requests, passwords and accounts.
fn limit_metrics(
    limiter: Option<RequestLimiter>,
    passwords: Passwords,
    attempts: AccountAttempts,
) -> Box<dyn Fn() -> LimitMetrics + Send + Sync> {
    Box::new(move || {
        let ((passwords_queued, passwords_refused), attempts_refused) = (passwords.load(), attempts.refused());
        let limiter = limiter.as_ref().map(RequestLimiter::metrics).unwrap_or_default();
        LimitMetrics { passwords_queued, passwords_refused, attempts_refused, ..limiter }
    })
}

fn provider(collector: Collector, stripe_secret: Option<SecretString>) -> Result<Provider, ServiceError> {
    let source = stripe_secret.map(|secret| Arc::new(Stripe::new(secret)) as Arc<dyn EventSource>);
    let collector: Arc<dyn PaymentProvider> = match (collector, &source) {
        (Collector::Stripe, Some(stripe)) => Arc::<dyn EventSource>::clone(stripe),
        (Collector::Stripe, None) => {
            return Err(ServiceError::bug("the payment provider is Stripe, but the secret of its events is not set"));
        }
        (Collector::Manual, _) => Arc::new(Manual { outcome: RequestOutcome::Paid }),
        (Collector::Settled, _) => Arc::new(Manual { outcome: RequestOutcome::Awaited }),
    };
    Ok(Provider { collector, source })
}
