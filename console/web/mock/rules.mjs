// The mock's rules: a live one with a draft, one in shadow, one shipped and untouched.
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString()
const DAY = 86400

const SMOKE = `rules:
  - code: FIRE-001
    names: {zh: 烟感报警, en: Smoke alarm}
    severity: 1
    subject: device
    condition:
      kind: threshold
      when:
        smoke: data.alarm && !data.test   # the test button is a drill
      clear:
        smoke: "!data.alarm"
    repeat: 60s
    ends: false
    confirm_required: true
    roles: [PM, FS, GW]
    roles_after_confirm: ["119"]
    sla: {accept: 60s, arrive: 5m, close: 2h}
`
const DENIED = (n) => `rules:
  - code: SEC-010
    names: {zh: 认证连续失败, en: Repeated denied passes}
    severity: 3
    subject: device
    params: {times: ${n}}
    condition:
      kind: count
      at_least: $times
      within: 60s
      quiet_for: 10m
      when: {gate.pass: data.result == 'denied'}
    repeat: 30m
    roles: [PM]
    sla: {accept: 30m, arrive: 4h, close: 72h}
`
const ABSENT = `rules:
  - code: CARE-001
    names: {zh: 独居老人未出入, en: No sign of a person living alone}
    severity: 3
    subject: person
    condition:
      kind: absence
      when: {gate.pass: data.result == 'granted', contact: true}
      steps:
        - {after: 24h, severity: 3}
        - {after: 48h, severity: 2}
        - {after: 72h, severity: 1}
    roles: [FAM, GW]
    sla: {accept: 5m, arrive: 1h}
`
const version = (n, state, source, more = {}) => ({ version: n, state, origin: 'shipped', author: 'shipped', reason: 'came with the platform', created_at: ago(DAY * 30 - n), live_at: state === 'live' ? ago(DAY * 30) : null, source, ...more })
const mine = (n, state, source, reason, days) => version(n, state, source, { origin: 'local', author: 'admin', reason, created_at: ago(DAY * days), live_at: state === 'live' ? ago(DAY * days) : null })

const book = new Map([
  ['FIRE-001', { versions: [version(1, 'live', SMOKE)], log: [], shadowed: [] }],
  ['SEC-010', { versions: [mine(3, 'shadow', DENIED(4), '试试 4 次', 2), mine(2, 'live', DENIED(6), '误报太多：5 次改为 6 次', 12), version(1, 'retired', DENIED(5))], log: [], shadowed: [] }],
  ['CARE-001', { versions: [mine(2, 'draft', ABSENT.replace('24h', '20h'), '冬季提前提醒', 1), version(1, 'live', ABSENT)], log: [], shadowed: [] }],
])
for (const rule of book.values()) rule.log = rule.versions.map((one) => ({ at: one.created_at, version: one.version, action: { live: 'promote', shadow: 'shadow', draft: 'draft', retired: 'import' }[one.state], actor: one.author, reason: one.reason, detail: one.version === 2 ? { memory_zh: '已记住的内容保留', memory_en: 'What was remembered is kept' } : {} }))
book.get('SEC-010').shadowed = [1, 5, 9].map((h) => ({ version: 3, verb: 'raise', fingerprint: 'e2/SEC-010', severity: 3, estate: 'e2', place: 'e2-gate-n', subject: 'e2-gate-n-1', device: 'e2-gate-n-1', reason: 'count_reached', explain: { count: 4 }, evidence: [], at: ago(h * 3600) }))

const META = { 'FIRE-001': ['烟感报警', 'Smoke alarm', 1], 'SEC-010': ['认证连续失败', 'Repeated denied passes', 3], 'CARE-001': ['独居老人未出入', 'No sign of a person living alone', 3] }
const row = ([id, rule]) => {
  const live = rule.versions.find((one) => one.state === 'live')
  const [name_zh, name_en, severity] = META[id] ?? [id, id, 3]
  return { id, code: id, name_zh, name_en, severity, live: live?.version ?? null, shadow: rule.versions.find((one) => one.state === 'shadow')?.version ?? null, newest: rule.versions[0].version, origin: live?.origin ?? null, author: live?.author ?? null, live_at: live?.live_at ?? null }
}
const missing = { status: 404, title: 'Not found', detail: 'no such rule' }

function validate(source) {
  const lines = source.split('\n')
  const wrong = lines.findIndex((line) => /kind:\s*treshold|severity:\s*[5-9]/.test(line))
  if (wrong < 0) return { ok: true, rules: [/code:\s*(\S+)/.exec(source)?.[1] ?? '?'], errors: [] }
  return { ok: false, rules: [], errors: [{ line: wrong + 1, column: lines[wrong].search(/\S/) + 1, problem: lines[wrong].includes('kind') ? "unknown kind 'treshold': did you mean 'threshold'?" : 'severity is 1 to 4' }] }
}

function backtest({ start, end }) {
  const days = {}
  for (let at = Date.parse(start), n = 0; at < Date.parse(end); at += DAY * 1000, n += 1) days[new Date(at).toISOString().slice(0, 10)] = { would: (n * 7) % 5, live: (n * 5) % 4, stored: (n * 5) % 4 }
  const hit = (hours, more = {}) => ({ fingerprint: 'x', severity: 3, place: 'e2-gate-n', subject: 'e2-gate-n-1', device: 'e2-gate-n-1', at: ago(hours * 3600), ended: null, reason: 'count_reached', id: null, outcome: null, ...more })
  return { rule: 'SEC-010', start, end, events: 183422, sentence_zh: '过去 30 天内，该规则会产生 14 条告警（现行版本 11 条，实际 11 条）；其中 3 条已按误报关闭；会漏掉 2 条，少报 1 条误报，新增 5 条。', sentence_en: 'Over these 30 days this rule would have raised 14 alerts (the version in force: 11; really raised: 11); 3 were closed as false; it would have missed 2 and spared 1 false ones; 5 are new.', counts: { would: 14, live: 11, stored: 11, confirmed: 6, false: 3, fresh: 5, missed: 2, spared: 1 }, days, missed: [hit(30, { id: 4101, outcome: 'true_alarm' }), hit(90, { id: 4102 })], spared: [hit(200, { id: 4103, outcome: 'false_alarm' })], false: [], fresh: [hit(11), hit(55)] }
}

function act(id, { action, version: n, reason }) {
  const rule = book.get(id)
  if (!rule) return missing
  const before = rule.versions.find((one) => one.state === 'live')
  const target = action === 'rollback' ? rule.versions.filter((one) => one.state === 'retired').at(0) : rule.versions.find((one) => one.version === n)
  if (!target) return { status: 409, title: 'Illegal move', detail: 'nothing to go back to', legal: [] }
  if (action !== 'shadow' && before) before.state = 'retired'
  target.state = action === 'shadow' ? 'shadow' : 'live'
  rule.log.unshift({ at: ago(0), version: target.version, action, actor: 'admin', reason, detail: {} })
  return { rule: id, version: target.version, before: before?.version ?? null, state: target.state, memory: 'kept', memory_zh: '已记住的内容保留', memory_en: 'What was remembered is kept' }
}

function draft({ source, reason }) {
  const id = /code:\s*(\S+)/.exec(source)?.[1] ?? 'X-1'
  const rule = book.get(id) ?? { versions: [], log: [], shadowed: [] }
  const n = (rule.versions[0]?.version ?? 0) + 1
  rule.versions.unshift(mine(n, 'draft', source, reason, 0))
  book.set(id, rule)
  return { id, version: n }
}

export const explain = (alert, events) => ({ alert: alert.id, code: alert.code, rule: book.has(alert.code) ? alert.code : 'FIRE-001', rule_version: 1, rule_source: SMOKE, reason: alert.reason, values: alert.explain, window: alert.code === 'SEC-010' ? { type: 'tally', hits: events.map((event) => [event.at, [event.device, event.id, event.at]]), fired: true } : { type: 'edge', newest: alert.last_seen, fired: true }, predicates: { smoke: ['data.alarm && !data.test'], 'gate.pass': ["data.result == 'denied'"], sos: ["data.action == 'pressed'"] }, events, silences: alert.code === 'SOS-001' ? [{ at: alert.raised_at, reason: 'outdated' }] : [], log: [], words: [] })

export const ruleRoutes = [
  ['GET', /^\/api\/rules$/, () => ({ items: [...book].map(row) })],
  ['POST', /^\/api\/rules\/validate$/, (_, body) => validate(body.source)],
  ['POST', /^\/api\/rules\/backtest$/, (_, body) => backtest(body)],
  ['POST', /^\/api\/rules$/, (_, body) => draft(body)],
  ['GET', /^\/api\/rules\/([^/]+)$/, (_, __, id) => (book.has(id) ? { id, ...book.get(id) } : missing)],
  ['POST', /^\/api\/rules\/([^/]+)\/actions$/, (_, body, id) => act(id, body)],
]
