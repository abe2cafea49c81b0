// A stand-in for the API, for looking at the page while developing: the contract of
// docs/reference/http.md, a dozen believable alerts, actions that change state. Never shipped.
//   npm run mock, then npm run dev; any password will do for 'operator', 'property' and 'admin'.
//   POST /mock/alert raises another one; POST /mock/silence stops the feed's heartbeat for 20 s.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { fleetRoutes, withPapers } from './fleet.mjs'
import { explain, ruleRoutes } from './rules.mjs'
import { alerts, catalogue, devices, events, incidents, places, quarantine, raise } from './world.mjs'

const PORT = Number(process.env.PORT ?? 8000)
const DIST = process.env.DIST ?? fileURLToPath(new URL('../dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

const NEXT = {
  dispatched: { acknowledge: 'acknowledged', return_order: 'returned', urge: null, supervise: null },
  acknowledged: { arrive: 'on_scene', handle: 'handling', return_order: 'returned', urge: null },
  on_scene: { handle: 'handling', urge: null },
  handling: { report_back: 'reported_back', suspend: 'suspended', urge: null },
  suspended: { resume: 'handling' },
  reported_back: { verify: 'verified', reopen: 'dispatched' },
  verified: { close: 'closed' },
  returned: { dispatch: 'dispatched', close: 'closed' },
}
const feed = []
const readers = new Set()
let silentUntil = 0
let user = 'operator'

const now = () => new Date().toISOString()
const frame = (event, data, id) => `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

function tell(kind, ref, estate, body) {
  const item = { seq: feed.length + 1, at: now(), kind, ref: String(ref), estate, body }
  feed.push(item)
  for (const reader of readers) reader.write(frame(kind, item, item.seq))
}

setInterval(() => {
  if (Date.now() < silentUntil) return
  for (const reader of readers) reader.write(frame('heartbeat', { seq: feed.length, at: now() }))
}, 5000)

const without = (thing, ...keys) => Object.fromEntries(Object.entries(thing).filter(([key]) => !keys.includes(key)))
const listed = (alert) => ({ ...without(alert, 'log', 'evidence'), legal: legalOf(alert) })
const listedIncident = (incident) => without(incident, 'log', 'orders')
function legalOf(alert) {
  if (alert.ended_at) return []
  const incident = incidents.find((entry) => entry.id === alert.incident_id)
  if (incident && !incident.closed_at) return []
  return alert.state === 'open' ? ['acknowledge', 'dispatch', 'close'] : ['dispatch', 'close']
}
const detailOf = (incident) => ({ ...incident, alerts: alerts.filter((alert) => alert.incident_id === incident.id).map(listed), legal: Object.keys(NEXT[incident.state] ?? {}) })
const pathOf = (code) => places.find((place) => place.code === code).path.map((step) => places.find((place) => place.code === step))

function act(alert, body) {
  const from = alert.state
  if (!legalOf(alert).includes(body.action)) return { status: 409, type: 'about:blank', title: 'Illegal move', detail: `${body.action} is not possible now`, legal: legalOf(alert) }
  if (body.action === 'close' && !body.outcome) return { status: 422, type: 'about:blank', title: 'Outcome missing', detail: 'closing needs an outcome' }
  if (body.action === 'acknowledge') Object.assign(alert, { state: 'acknowledged', acked_at: now(), acked_by: user })
  if (body.action === 'close') Object.assign(alert, { state: body.outcome === 'false_alarm' ? 'false_alarm' : 'closed', ended_at: now(), outcome: body.outcome })
  if (body.action === 'dispatch') {
    const id = incidents.length + 1
    const org = body.org ?? 'governance_center'
    const opened = { id, case_code: `510681${now().slice(0, 10).replaceAll('-', '')}01${String(id).padStart(6, '0')}`, state: 'dispatched', severity: alert.severity, code: alert.code, estate: alert.estate, place: alert.place, lead_org: org, assignee: null, outcome: null, opened_at: now(), opened_by: user, closed_at: null, version: 1 }
    const row = (seq, action, from_state, to_state) => ({ at: now(), seq, action, actor: user, from_state, to_state, reason: '', detail: {} })
    incidents.push({ ...opened, orders: [{ id, org, role: 'lead', state: 'sent', sent_at: now(), sent_by: user }], log: [row(1, 'report', null, 'reported'), row(2, 'accept', 'reported', 'accepted'), row(3, 'assess', 'accepted', 'assessed'), row(4, 'dispatch', 'assessed', 'dispatched')] })
    Object.assign(alert, { state: 'escalated_to_incident', incident_id: id, acked_at: alert.acked_at ?? now(), acked_by: alert.acked_by ?? user })
    tell('incident', id, alert.estate, opened)
  }
  alert.version += 1
  alert.log.push({ at: now(), action: body.action, actor: user, from_state: from, to_state: alert.state, reason: body.note ?? '', detail: body.outcome ? { outcome: body.outcome } : {} })
  tell('alert', alert.id, alert.estate, listed(alert))
  return listed(alert)
}

function move(incident, body) {
  const moves = NEXT[incident.state] ?? {}
  if (!(body.action in moves)) return { status: 409, type: 'about:blank', title: 'Illegal move', detail: 'not possible now', legal: Object.keys(moves) }
  const from = incident.state
  incident.state = moves[body.action] ?? from
  incident.version += 1
  if (body.action === 'acknowledge') incident.assignee = user
  if (body.outcome) incident.outcome = body.outcome
  if (incident.state === 'closed') incident.closed_at = now()
  incident.log.push({ at: now(), seq: incident.log.length + 1, action: body.action, actor: user, from_state: from, to_state: incident.state, reason: body.reason ?? '', detail: {} })
  tell('incident', incident.id, incident.estate, listedIncident(incident))
  return listedIncident(incident)
}

function kpi() {
  const open = alerts.filter((alert) => !alert.ended_at)
  const count = (severity) => open.filter((alert) => alert.severity === severity).length
  return { open_by_severity: { 1: count(1), 2: count(2), 3: count(3), 4: count(4) }, unacknowledged: open.filter((alert) => alert.state === 'open').length, incidents_open: incidents.filter((entry) => !entry.closed_at).length, devices: devices.length, devices_offline: devices.filter((device) => device.online === false).length, events_last_hour: 18342, alerts_today: 37, ack_p50_s: 14, ack_p90_s: 52, quarantined_last_hour: 3, ingest: { clock: now(), lag_s: 0.2, ok: true } }
}

const find = (list, id) => list.find((entry) => String(entry.id) === id)
const page = (items) => ({ items, next: null })

const routes = [
  ['POST', /^\/api\/token$/, (_, body) => (body.get('password') === 'wrong' ? { status: 401, title: 'Wrong' } : ((user = body.get('username')), { access_token: `mock-${user}`, token_type: 'bearer', expires_in: 43200 }))],
  ['POST', /^\/api\/logout$/, () => null],
  ['GET', /^\/api\/me$/, () => ({ name: user, display_name: { operator: '值班员 林', property: '物业 周', admin: '管理员' }[user] ?? user, role: ['property', 'admin'].includes(user) ? user : 'operator', scope: null })],
  ['GET', /^\/api\/catalogue$/, () => catalogue],
  ['GET', /^\/api\/places$/, (url) => ({ items: places.filter((place) => !url.searchParams.get('estate') || place.path.includes(url.searchParams.get('estate')) || pathOf(url.searchParams.get('estate')).includes(place)) })],
  ['GET', /^\/api\/devices$/, (url) => page(devices.filter((device) => matches(device, url.searchParams)).map(withPapers))],
  ['POST', /^\/api\/devices$/, (_, body) => { const device = { ...body, online: null, last_seen: null, registered_at: now() }; devices.push(device); return { ...device, credentials: { username: body.id, password: 'q7Rk-2mXc-9TzP-hV4w', topic: `shequ/v1/${body.estate}/${body.id}/#` } } }],
  ['GET', /^\/api\/alerts$/, (url) => page(alerts.filter((alert) => { const state = url.searchParams.get('state') ?? 'active'; return state === 'all' || (state === 'ended') === Boolean(alert.ended_at) }).map(listed))],
  ['GET', /^\/api\/alerts\/(\d+)$/, (_, __, id) => { const alert = find(alerts, id); return alert ? { ...listed(alert), log: alert.log, events: events(alert), place_path: pathOf(alert.place), device_info: devices.find((device) => device.id === alert.device) ?? null, incident: alert.incident_id ? detailOf(find(incidents, String(alert.incident_id))) : null } : { status: 404, title: 'Not found' } }],
  ['POST', /^\/api\/alerts\/(\d+)\/actions$/, (_, body, id) => act(find(alerts, id), body)],
  ['GET', /^\/api\/incidents$/, (url) => page(incidents.filter((entry) => url.searchParams.get('state') === 'all' || (url.searchParams.get('state') === 'closed') === Boolean(entry.closed_at)).map(listedIncident))],
  ['GET', /^\/api\/incidents\/(\d+)$/, (_, __, id) => detailOf(find(incidents, id))],
  ['POST', /^\/api\/incidents\/(\d+)\/actions$/, (_, body, id) => move(find(incidents, id), body)],
  ['GET', /^\/api\/kpi$/, kpi],
  ['GET', /^\/api\/quarantine$/, () => page(quarantine)],
  ['GET', /^\/api\/alerts\/(\d+)\/explain$/, (_, __, id) => explain(find(alerts, id), events(find(alerts, id)))],
  ...ruleRoutes,
  ...fleetRoutes(devices, pathOf),
  ['POST', /^\/mock\/alert$/, () => { const alert = raise(); tell('alert', alert.id, alert.estate, listed(alert)); return listed(alert) }],
  ['POST', /^\/mock\/silence$/, () => { silentUntil = Date.now() + 20_000; return {} }],
]

function matches(device, query) {
  const q = query.get('q')
  return ['estate', 'profile'].every((key) => !query.get(key) || device[key] === query.get(key)) && (!query.get('online') || String(device.online) === query.get('online')) && (!q || `${device.id} ${device.name_zh} ${device.name_en}`.includes(q))
}

function live(url, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  const cursor = url.searchParams.get('cursor')
  if (cursor === null) response.write(frame('hello', { seq: feed.length }, feed.length))
  else for (const item of feed.slice(Number(cursor))) response.write(frame(item.kind, item, item.seq))
  readers.add(response)
  response.on('close', () => readers.delete(response))
}

async function file(url, response) {
  const name = extname(url.pathname) ? url.pathname.slice(1) : 'index.html'
  try {
    const body = await readFile(join(DIST, name))
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP }).end(body)
  } catch {
    response.writeHead(404).end()
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock')
  if (url.pathname === '/api/live') return live(url, response)
  for (const [method, pattern, handler] of routes) {
    const match = request.method === method && pattern.exec(url.pathname)
    if (!match) continue
    let text = ''
    for await (const chunk of request) text += chunk
    const body = request.headers['content-type']?.includes('urlencoded') ? new URLSearchParams(text) : request.headers['content-type']?.includes('multipart') ? text : text ? JSON.parse(text) : {}
    const answer = handler(url, body, match[1])
    const status = answer?.status ?? (answer === null ? 204 : 200)
    return response.writeHead(typeof status === 'number' ? status : 200, { 'Content-Type': 'application/json' }).end(answer === null ? undefined : JSON.stringify(answer))
  }
  return file(url, response)
}).listen(PORT, () => console.log(`mock API and dist/ on http://127.0.0.1:${PORT}`))
