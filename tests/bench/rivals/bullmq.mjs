// BullMQ as its documentation starts it: a queue and a worker. A request /?jobs=200&pause=37 adds so many jobs with these pauses, in
// milliseconds, and answers with the time from the addition of each to its start.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const now = () => performance.timeOrigin + performance.now()
const started = []

const queue = new Queue('bench', { connection })
const worker = new Worker('bench', async ({ data }) => started.push(now() - data.at), { connection })

const measure = async (jobs, pause) => {
  for (let job = 0; job < jobs; job++) {
    await queue.add('stamp', { at: now() })
    await sleep(pause)
  }
  while (started.length < jobs) await sleep(pause)
  return started.sort((a, b) => a - b).join('\n')
}

await worker.waitUntilReady()
createServer(async (request, response) => {
  const asked = new URL(request.url, 'http://localhost').searchParams
  response.end(asked.has('jobs') ? await measure(Number(asked.get('jobs')), Number(asked.get('pause'))) : '')
}).listen(Number(process.env.PORT), '127.0.0.1')
