// The mock's fleet: health, configuration, commands, enrolment, import, roll-outs. Nothing of it is real.
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString()
const DAY = 86400
const page = (items) => ({ items, next: null })
const SCHEMA = { type: 'object', required: ['alarm_level'], properties: { alarm_level: { type: 'number', title: '报警浓度', 'x-title-en': 'Alarm level', 'x-unit': '%/m', minimum: 1, maximum: 20, default: 5 }, heartbeat_s: { type: 'integer', title: '心跳间隔', 'x-title-en': 'Heartbeat', 'x-unit': 's', minimum: 60, maximum: 86400, default: 3600 }, siren: { type: 'boolean', title: '本地鸣响', 'x-title-en': 'Sounds by itself', default: true }, volume: { enum: ['low', 'middle', 'high'], title: '音量', 'x-title-en': 'Volume', default: 'middle' } } }
const GATE = { type: 'object', properties: { open_s: { type: 'integer', title: '开门时长', 'x-title-en': 'Door stays open', 'x-unit': 's', minimum: 1, maximum: 60, default: 5 } } }
const command = (name, name_zh, name_en, danger = false, args_schema = { type: 'object', properties: {} }) => ({ name, name_zh, name_en, danger, args_schema })
const MODELS = [
  { profile: 'smoke_sensor', make: '*', model: '*', name_zh: '烟感', name_en: 'Smoke sensor', config_schema: SCHEMA, commands: [command('self_test', '自检', 'Self-test'), command('mute_siren', '消音', 'Mute the siren', true), command('reboot', '重启', 'Reboot')] },
  { profile: 'access_gate', make: '*', model: '*', name_zh: '门禁', name_en: 'Access gate', config_schema: GATE, commands: [command('open_door', '开门', 'Open the door', true, { type: 'object', properties: { seconds: { type: 'integer', title: '保持时间', 'x-title-en': 'For', 'x-unit': 's', minimum: 1, maximum: 60, default: 5 } } }), command('reboot', '重启', 'Reboot')] },
]
const PAPERS = { lifecycle: 'active', make: '川安', model: 'CA-300', serial: 'CA30012345', owner_unit: '桂花社区居委会', network: 'estate', gb28181_id: null, gateway: null, legal_basis: null, retention_days: null, installed_at: ago(DAY * 200), installed_by: '刘工', purpose: '楼道火灾报警', config_status: 'applied', version: 3 }
const configs = new Map()
const commands = new Map()
const history = new Map()
const secrets = new Map()
const records = new Map()
const lists = (map, id, first = () => []) => (map.has(id) || map.set(id, first()), map.get(id))
const groups = [{ code: 'e1-smoke', estate: 'e1', name_zh: '金雁苑烟感', name_en: 'Jinyan smoke sensors', devices: ['e1-smoke-b1', 'e1-smoke-b2', 'e1-smoke-b3', 'e1-smoke-b4'], version: 1 }]
const rollout = (id, name, state, counts, more = {}) => ({ id, name, state, reason: null, stage: 1, stages: [5, 50, 100], max_failed: 1, stage_wait_s: 300, data: { alarm_level: 4 }, created_at: ago(DAY), created_by: 'property', stage_since: ago(120), counts, ...more })
const rollouts = [rollout(2, '冬季灵敏度', 'running', { waiting: 12, pending: 5, applied: 9, failed: 0 }), rollout(1, '心跳改为 30 分钟', 'stopped', { waiting: 10, pending: 0, applied: 3, failed: 2 }, { reason: '2 台失败，超过上限 1 台' })]
const enrolment = [
  { id: 2, kind: 'knock', state: 'pending', device: 'e1-smoke-x7', estate: 'e1', topic: 'shequ/v1/e1/e1-smoke-x7/event', profile: 'smoke_sensor', make: null, model: null, serial: null, firmware: null, first_seen: ago(900), last_seen: ago(30), count: 12, sample: '{"id":"a1","at":"2026-03-01T03:02:11+08:00","type":"smoke","data":{"alarm":false}}', decided_at: null, decided_by: null, reason: null, registered_as: null },
  { id: 1, kind: 'claim', state: 'pending', device: null, estate: 'e2', topic: null, profile: 'sos_button', make: '安居', model: 'SOS-2', serial: 'SN88231', firmware: '1.4', first_seen: ago(300), last_seen: ago(290), count: 1, sample: null, decided_at: null, decided_by: null, reason: null, registered_as: null },
]

/** A list row gains the papers; the devices of the world have none. */
export const withPapers = (device) => ({ ...PAPERS, ...device })
const secretOf = (id) => lists(secrets, id, () => ({ state: 'valid', kinds: ['password'], username: id, minted_at: ago(DAY * 90), rotated_at: null, revoked_at: null, certificate: null }))
export const detailOf = (device, path) => ({ ...withPapers(device), place_path: path, path_use: null, legal: { active: ['maintain', 'retire'], maintenance: ['resume', 'retire'], planned: ['provision', 'retire'] }[withPapers(device).lifecycle] ?? [], credentials: secretOf(device.id), events: [1, 2, 3].map((n) => ({ device: device.id, id: `h${n}`, at: ago(n * 3600), type: device.profile === 'smoke_sensor' ? 'smoke' : 'contact', data: device.profile === 'smoke_sensor' ? { alarm: false, density: 0.2 } : { state: 'closed' }, flags: [], received_at: ago(n * 3600 - 1), committed_at: ago(n * 3600 - 1) })) })

function health(device) {
  const low = device.id.endsWith('b4')
  const battery = /smoke|sos|door/.test(device.id) ? { percent: low ? 14 : 78, at: ago(3600), per_day: low ? 0.6 : 0.11, empty_on: new Date(Date.now() + DAY * 1000 * (low ? 23 : 700)).toISOString().slice(0, 10), samples: [90, 60, 30, 10, 0].map((n) => ({ at: ago(n * DAY), percent: (low ? 14 : 78) + n * (low ? 0.6 : 0.11) })) } : null
  const up = device.online !== false
  return { id: device.id, link: { status: up ? 'up' : 'down', since: ago(7200) }, data: { status: up ? 'fresh' : 'stale', last_seen: device.last_seen, limit_s: 86400 }, self_test: { status: low ? 'failed' : 'passed', at: ago(DAY * 3), reason: low ? '传感器脏污' : null }, held_by: null, cause: null, battery, signal: { rssi: -71, at: ago(600) }, clock: { offset_s: 1.4, samples: 20 }, rate: { last_hour: 4, per_hour_24h: 3.6 }, duplicates_24h: low ? 2 : 0, decode_errors_24h: {}, flapping: { flapping: device.id === 'e1-door-b2', changes_1h: 7 }, uptime: { '1d': 1, '7d': 0.998, '30d': 0.991 } }
}

function configOf(device) {
  return lists(configs, device.id, () => {
    const first = { version: 1, hash: 'a1', data: { alarm_level: 5, siren: true }, at: ago(DAY * 20), by: 'property' }
    return { schema: device.profile === 'smoke_sensor' ? SCHEMA : GATE, status: 'applied', desired: first, reported: { version: 1, hash: 'a1', status: 'applied', reason: null, at: ago(DAY * 20) }, history: [{ ...first, rollout: null }] }
  })
}

export function fleetRoutes(devices, pathOf) {
  const find = (id) => devices.find((device) => device.id === id)
  const note = (id, action, reason = '', detail = {}) => lists(history, id).unshift({ id: Date.now(), at: ago(0), action, actor: 'property', from_state: null, to_state: null, reason, detail })
  return [
    ['GET', /^\/api\/device-models$/, () => ({ items: MODELS })],
    ['GET', /^\/api\/devices\/health$/, (url) => ({ ...page(devices.filter((device) => device.estate === url.searchParams.get('estate')).map(health)), causes: url.searchParams.get('estate') === 'e2' ? [{ kind: 'place', ref: 'e2-b3', offline: 4, of: 6, since: ago(900), held: [] }] : [] })],
    ['GET', /^\/api\/devices\/export$/, () => ({ csv: 'id' })],
    ['GET', /^\/api\/devices\/import\/template$/, () => ({ csv: 'id' })],
    ['POST', /^\/api\/devices\/import\/preview$/, (_, body) => (String(body).includes('bad') ? { rows: 500, good: 490, bad: 10, unknown_columns: ['颜色'], errors: [[17, 'place', 'e9-b1', '没有这个地点', '从模板第二页的地点编码中选一个'], [31, 'profile', 'smoke', '没有这个类型', '写 smoke_sensor'], [58, 'id', 'e1 烟感', '编号只能用字母、数字、- 和 _', '写 e1-smoke-58']].map(([row, column, value, problem, mend]) => ({ row, column, value, problem, mend })), sample: [1, 2, 3].map((n) => ({ id: `new-${n}`, place: 'e1-b1-u1', profile: 'smoke_sensor', name_zh: `烟感 ${n}` })) } : { rows: 3, good: 3, bad: 0, unknown_columns: [], errors: [], sample: [1, 2, 3].map((n) => ({ id: `new-${n}`, place: 'e1-b1-u1', profile: 'smoke_sensor', name_zh: `烟感 ${n}` })) })],
    ['POST', /^\/api\/devices\/import$/, () => ({ added: 3, credentials: [1, 2, 3].map((n) => ({ username: `new-${n}`, password: 'q7Rk-2mXc', topic: `shequ/v1/e1/new-${n}/event` })) })],
    ['GET', /^\/api\/devices\/([^/]+)\/health$/, (_, __, id) => health(find(id))],
    ['GET', /^\/api\/devices\/([^/]+)\/history$/, (_, __, id) => page([...lists(history, id), { id: 1, at: ago(DAY * 40), action: 'change', actor: 'property', from_state: null, to_state: null, reason: '', detail: { serial: [null, 'CA30012345'] } }, { id: 0, at: ago(DAY * 90), action: 'register', actor: 'property', from_state: null, to_state: 'provisioned', reason: '', detail: {} }])],
    ['GET', /^\/api\/devices\/([^/]+)\/records$/, (_, __, id) => page(lists(records, id, () => [{ id: 1, at: ago(DAY * 200), kind: 'installation', by: '刘工', note: '吸顶安装，已测试', actor: 'property', written_at: ago(DAY * 200) }]))],
    ['POST', /^\/api\/devices\/([^/]+)\/records$/, (_, body, id) => (lists(records, id).unshift({ id: 2, at: ago(0), actor: 'property', written_at: ago(0), ...body }), lists(records, id)[0])],
    ['GET', /^\/api\/devices\/([^/]+)\/config$/, (_, __, id) => configOf(find(id))],
    ['PUT', /^\/api\/devices\/([^/]+)\/config$/, (_, body, id) => { const known = configOf(find(id)); known.desired = { version: known.desired.version + 1, hash: 'b2', data: body.data, at: ago(0), by: 'property' }; known.status = 'pending'; known.history.unshift({ ...known.desired, rollout: null }); return known }],
    ['GET', /^\/api\/devices\/([^/]+)\/commands$/, (_, __, id) => page(lists(commands, id))],
    ['POST', /^\/api\/devices\/([^/]+)\/commands$/, (_, body, id) => { const row = { id: String(Date.now()), device: id, name: body.name, args: body.args ?? {}, state: 'done', reason: body.reason, asked_at: ago(0), asked_by: 'property', expires_at: ago(-30), sent_at: ago(0), replied_at: ago(-1), reply: { result: 'ok', reason: null, data: null } }; lists(commands, id).unshift(row); return row }],
    ['POST', /^\/api\/devices\/([^/]+)\/credentials$/, (_, __, id) => (Object.assign(secretOf(id), { state: 'valid', rotated_at: ago(0) }), { username: id, password: 'n8Tq-5wLd-3KpZ-yR2s', topic: `shequ/v1/e1/${id}/event`, host: 'broker', port: 8883 })],
    ['POST', /^\/api\/devices\/([^/]+)\/credentials\/revoke$/, (_, __, id) => Object.assign(secretOf(id), { state: 'revoked', revoked_at: ago(0) })],
    ['POST', /^\/api\/devices\/([^/]+)\/lifecycle$/, (_, body, id) => { const device = find(id); device.lifecycle = { maintain: 'maintenance', resume: 'active', retire: 'retired', provision: 'provisioned', activate: 'active' }[body.action]; note(id, body.action, body.reason); return withPapers(device) }],
    ['GET', /^\/api\/devices\/([^/]+)\/why$/, (url, __, id) => ({ device: id, start: url.searchParams.get('from'), end: url.searchParams.get('to'), events: 3, summary: { zh: '收到 3 条消息。条件不成立 3 次', en: '3 messages were heard. the predicate is false: 3' }, findings: [1, 2, 3].map((n) => ({ at: ago(n * 600), rule: 'FIRE-001', code: 'FIRE-001', subject: id, event: `h${n}`, type: 'smoke', answer: 'predicate_false', reason: null, due: null, tests: [], zh: `03-01 10:0${n}:00 FIRE-001 smoke h${n}：条件不成立（data.alarm && !data.test ← alarm=true, test=true）`, en: `03-01 10:0${n}:00 FIRE-001 smoke h${n}: the predicate is false (data.alarm && !data.test ← alarm=true, test=true)` })), standing: [], deaf: ['SOS-001', 'SEC-010', 'CARE-001'] })],
    ['GET', /^\/api\/devices\/([^/]+)$/, (_, __, id) => (find(id) ? detailOf(find(id), pathOf(find(id).place)) : { status: 404, title: 'Not found' })],
    ['PATCH', /^\/api\/devices\/([^/]+)$/, (_, body, id) => (note(id, 'change'), withPapers(Object.assign(find(id), body, { version: 4 })))],
    ['GET', /^\/api\/device-groups$/, () => ({ items: groups })],
    ['POST', /^\/api\/device-groups$/, (_, body) => (groups.push({ ...body, version: 1 }), body)],
    ['GET', /^\/api\/rollouts$/, () => page(rollouts)],
    ['POST', /^\/api\/rollouts$/, (_, body) => (rollouts.unshift(rollout(rollouts.length + 1, body.name, 'running', { waiting: 3, pending: 1, applied: 0, failed: 0 }, { data: body.data, stage: 0 })), rollouts[0])],
    ['GET', /^\/api\/rollouts\/(\d+)$/, (_, __, id) => ({ ...rollouts.find((one) => String(one.id) === id), devices: groups[0].devices.map((device, n) => ({ device, stage: n % 2, status: n === 1 ? 'failed' : 'applied', reason: n === 1 ? '不支持此浓度' : null })) })],
    ['POST', /^\/api\/rollouts\/(\d+)\/actions$/, (_, body, id) => Object.assign(rollouts.find((one) => String(one.id) === id), { state: { cancel: 'cancelled', resume: 'running', roll_back: 'cancelled' }[body.action] })],
    ['GET', /^\/api\/enrolment$/, (url) => page(enrolment.filter((row) => ['all', row.state].includes(url.searchParams.get('state') ?? 'pending')))],
    ['POST', /^\/api\/enrolment\/(\d+)\/approve$/, (_, body, id) => (Object.assign(enrolment.find((row) => String(row.id) === id), { state: 'approved', registered_as: body.id }), { ...withPapers({ ...body, online: null, last_seen: null, registered_at: ago(0) }), credentials: { username: body.id, password: 'q7Rk-2mXc-9TzP', topic: 't' } })],
    ['POST', /^\/api\/enrolment\/(\d+)\/reject$/, (_, body, id) => Object.assign(enrolment.find((row) => String(row.id) === id), { state: 'rejected', reason: body.reason, decided_by: 'property' })],
  ]
}
