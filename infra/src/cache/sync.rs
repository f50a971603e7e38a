//! Locks and counters of the data that threads share in this folder. In tests a scheduler decides at each use which thread runs.

#[cfg(not(test))]
pub(crate) use parking_lot::Mutex;
#[cfg(not(test))]
pub(crate) use std::sync::atomic::AtomicU64;

#[cfg(test)]
pub(crate) use scheduled::{AtomicU64, Mutex, explore, is_caught};

#[cfg(test)]
mod scheduled {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::Ordering;

    use parking_lot::MutexGuard;

    /// The number of tested schedules. It is far more than needed to find each planted defect.
    const SCHEDULES: usize = 2000;

    thread_local! {
        static EXPLORING: Cell<bool> = const { Cell::new(false) };
    }

    /// Runs a scenario in many schedules. The scenario must use shuttle's threads.
    pub(crate) fn explore(scenario: impl Fn() + Send + Sync + 'static) {
        EXPLORING.set(true);
        let explored = catch_unwind(AssertUnwindSafe(|| shuttle::check_random(scenario, SCHEDULES)));
        EXPLORING.set(false);
        if let Err(panic) = explored {
            std::panic::resume_unwind(panic);
        }
    }

    /// Whether a scenario fails in some schedule.
    pub(crate) fn is_caught(scenario: impl Fn() + Send + Sync + 'static) -> bool {
        catch_unwind(AssertUnwindSafe(|| explore(scenario))).is_err()
    }

    /// Lets the scheduler run another thread.
    fn yield_to_scheduler() {
        if EXPLORING.get() {
            shuttle::thread::yield_now();
        }
    }

    #[derive(Default)]
    pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(parking_lot::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            yield_to_scheduler();
            while EXPLORING.get() {
                match self.0.try_lock() {
                    Some(guard) => return guard,
                    None => yield_to_scheduler(),
                }
            }
            self.0.lock()
        }
    }

    #[derive(Default)]
    pub(crate) struct AtomicU64(std::sync::atomic::AtomicU64);

    impl AtomicU64 {
        pub(crate) fn load(&self, order: Ordering) -> u64 {
            yield_to_scheduler();
            self.0.load(order)
        }

        pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
            yield_to_scheduler();
            self.0.fetch_add(value, order)
        }
    }
}
