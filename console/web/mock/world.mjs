// The mock's estate, its devices, and what is going on in it tonight. All names are invented.
const START = Date.now()
const ago = (seconds) => new Date(START - seconds * 1000).toISOString()
const box = (x, y, w, h) => [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
const SPINE = ['510681', '510681101', '510681101002']

export const places = []
const add = (kind, path, name_zh, name_en, more = {}) => places.push({ code: path.at(-1), kind, name_zh, name_en, parent: path.at(-2) ?? null, path, outline: [], level: null, ...more })
add('city', SPINE.slice(0, 1), '广汉市', 'Guanghan')
add('town', SPINE.slice(0, 2), '清河街道', 'Qinghe Town')
add('community', SPINE, '桂花社区', 'Guihua Community')

function estate(code, zh, en, buildings, floors) {
  const root = [...SPINE, code]
  const rows = Math.ceil(buildings / 2)
  const height = 30 + rows * 40
  add('estate', root, zh, en, { outline: box(0, 0, 180, height) })
  const gates = [['s', '南门', 'South gate', 90, 0], ['n', '北门', 'North gate', 90, height], ['car', '车行门', 'Vehicle gate', 180, height / 2]]
  for (const [id, gzh, gen, x, y] of gates) add('gate', [...root, `${code}-gate-${id}`], gzh, gen, { outline: box(x - 4, y - 1.5, 8, 3) })
  for (let b = 1; b <= buildings; b += 1) {
    const [x, y] = [20 + ((b - 1) % 2) * 80, 25 + Math.floor((b - 1) / 2) * 40]
    const building = [...root, `${code}-b${b}`]
    add('building', building, `${b}栋`, `Building ${b}`, { outline: box(x, y, 60, 14) })
    for (const u of [1, 2]) {
      const unit = [...building, `${code}-b${b}-u${u}`]
      add('unit', unit, `${b}栋${u}单元`, `Building ${b} unit ${u}`, { outline: box(x + (u - 1) * 30, y, 30, 14) })
      for (let f = 1; f <= floors; f += 1) {
        const floor = [...unit, `${unit.at(-1)}-f${f}`]
        add('floor', floor, `${b}栋${u}单元${f}层`, `Building ${b} unit ${u} floor ${f}`, { level: f })
        for (const d of [1, 2]) add('room', [...floor, `${unit.at(-1)}-${f}0${d}`], `${b}栋${u}单元${f}0${d}室`, `Building ${b} unit ${u} room ${f}0${d}`, { level: f })
      }
    }
  }
}
estate('e1', '金雁苑', 'Jinyan Court', 6, 6)
estate('e2', '锦绣家园', 'Jinxiu Homes', 4, 18)

export const devices = []
const device = (id, place, profile, zh, en, x, y, online = true, seen = 30) =>
  devices.push({ id, estate: place.slice(0, 2), place, profile, name_zh: zh, name_en: en, x, y, online, last_seen: ago(seen), registered_at: ago(86400 * 90), offline_after_s: null })
for (const e of ['e1', 'e2']) {
  const north = e === 'e1' ? 150 : 110
  device(`${e}-gate-s-1`, `${e}-gate-s`, 'access_gate', '南门门禁', 'South gate access', 90, 2)
  device(`${e}-gate-n-1`, `${e}-gate-n`, 'access_gate', '北门门禁', 'North gate access', 90, north - 2)
  device(`${e}-gate-car-1`, `${e}-gate-car`, 'access_gate', '车行道闸', 'Barrier', 178, north / 2)
  device(`${e}-cam-s`, `${e}-gate-s`, 'camera', '南门摄像机', 'South gate camera', 96, 5)
  device(`${e}-cam-lane`, e, 'camera', '消防通道摄像机', 'Fire lane camera', 90, 48, e !== 'e2', e === 'e2' ? 4000 : 20)
  for (const b of [1, 2, 3, 4]) {
    const [x, y] = [20 + ((b - 1) % 2) * 80, 25 + Math.floor((b - 1) / 2) * 40]
    device(`${e}-smoke-b${b}`, `${e}-b${b}-u2-502`, 'smoke_sensor', `${b}栋2单元502室烟感`, `Smoke sensor ${b}-2-502`, x + 52, y + 7, true, 3600 * b)
    device(`${e}-sos-b${b}`, `${e}-b${b}-u1-301`, 'sos_button', `${b}栋1单元301室一键求助`, `Help button ${b}-1-301`, x + 8, y + 7, true, 1800 * b)
    device(`${e}-door-b${b}`, `${e}-b${b}-u1`, 'door_contact', `${b}栋1单元防火门磁`, `Fire door contact ${b}-1`, x + 15, y, b !== 3, 600 * b)
  }
}

const KINDS = [
  ['FIRE-001', '烟感报警', 'Smoke alarm', 1, 60, true, ['PM', 'FS', 'GW']],
  ['SOS-001', '一键求助', 'Help button pressed', 1, 30, false, ['GW', 'VOL']],
  ['FIRE-005', '消防通道占用', 'Fire lane blocked', 2, 300, false, ['PM']],
  ['SEC-006', '强行开门', 'Door forced', 2, 60, false, ['PM', 'CP']],
  ['SEC-007', '周界入侵', 'Perimeter intrusion', 2, 60, false, ['PM']],
  ['CARE-001', '独居老人未出入', 'No sign of a person living alone', 2, 300, false, ['GW']],
  ['SEC-005', '门常开', 'Door held open', 3, 300, false, ['PM']],
  ['SEC-010', '认证连续失败', 'Repeated denied passes', 3, 1800, false, ['PM']],
  ['SEC-003', '陌生人徘徊', 'Loitering', 3, 1800, false, ['PM']],
  ['DEV-002', '设备离线', 'Device offline', 3, 1800, false, ['MT']],
  ['DEV-004', '视频遮挡', 'Camera covered', 3, 1800, false, ['MT']],
  ['DEV-001', '烟感低电量', 'Smoke sensor battery low', 4, 28800, false, ['MT']],
]
export const catalogue = {
  alerts: KINDS.map(([code, name_zh, name_en, severity, accept_s, confirm_required, roles]) => ({ code, name_zh, name_en, severity, roles, sla: { accept_s, arrive_s: 900, close_s: 7200 }, confirm_required })),
  outcomes: ['true_alarm', 'false_alarm', 'test', 'drill', 'other'],
  orgs: [['governance_center', '综治中心', 'Governance centre'], ['PM', '物业', 'Property management'], ['GW', '网格员', 'Grid worker'], ['FS', '微型消防站', 'Micro fire station'], ['CP', '社区民警', 'Community police'], ['119', '119 消防', '119 fire brigade'], ['120', '120 急救', '120 ambulance']].map(([code, name_zh, name_en]) => ({ code, name_zh, name_en })),
  reasons: { condition_met: { zh: '满足告警条件', en: 'The condition was met' }, held_for: { zh: '状态持续超过设定时间', en: 'It lasted longer than allowed' }, count_reached: { zh: '次数达到设定值', en: 'The count was reached' }, absent_for: { zh: '超过设定时间没有消息', en: 'Nothing was heard for too long' } },
  profiles: [['access_gate', '门禁', 'Access gate'], ['camera', '摄像机', 'Camera'], ['door_contact', '门磁', 'Door contact'], ['smoke_sensor', '烟感', 'Smoke sensor'], ['sos_button', '一键求助', 'One-key help button']].map(([family, name_zh, name_en]) => ({ family, name_zh, name_en })),
}

export const alerts = []
export const incidents = []
let next = 4100
function alert(code, place, device, seconds, reason, explain, evidence, more = {}) {
  next += 1
  const [, , , severity] = KINDS.find(([kind]) => kind === code)
  const row = {
    id: next, fingerprint: `${code}:${place}`, rule: code, code, severity, state: 'open', estate: place.slice(0, 2), place, subject: device ?? place, device, reason, explain,
    first_seen: ago(seconds + 1), last_seen: ago(seconds), hit_count: 1, raised_at: ago(seconds), late_by_s: null, cleared_at: null, acked_at: null, acked_by: null, ended_at: null, outcome: null, incident_id: null, version: 1,
    log: [{ at: ago(seconds), action: 'raise', actor: `rule:${code}`, from_state: null, to_state: 'open', reason, detail: {} }], evidence, ...more,
  }
  if (row.acked_at) row.log.push({ at: row.acked_at, action: 'acknowledge', actor: row.acked_by, from_state: 'open', to_state: 'acknowledged', reason: '', detail: {} })
  if (row.ended_at) row.log.push({ at: row.ended_at, action: 'close', actor: row.acked_by, from_state: 'acknowledged', to_state: row.state, reason: '电话核实，住户做饭油烟', detail: { outcome: row.outcome } })
  alerts.unshift(row)
  return row
}
const grouped = { group_key: 'e1-b2-fire', confidence: 0.9 }
const acked = (seconds) => ({ state: 'acknowledged', acked_at: ago(seconds), acked_by: 'operator', version: 2 })

alert('FIRE-001', 'e2-b2-u2-502', 'e2-smoke-b2', 7300, 'condition_met', { data: { alarm: true, density: 9 } }, [[0, 'smoke', { alarm: true, density: 9 }]], { state: 'false_alarm', acked_at: ago(7280), acked_by: 'operator', ended_at: ago(6900), outcome: 'false_alarm', version: 3 })
alert('DEV-001', 'e1-b4-u2-502', 'e1-smoke-b4', 14200, 'condition_met', { data: { code: 'low_battery', active: true } }, [[0, 'fault', { code: 'low_battery', active: true }]])
alert('DEV-002', 'e2', 'e2-cam-lane', 3900, 'absent_for', { last_seen: ago(4200), after_s: 300 }, [])
alert('SEC-003', 'e1-gate-s', 'e1-cam-s', 1500, 'held_for', { since: ago(1860), for_s: 300 }, [[360, 'camera.object', { track: 't-88', label: 'person', phase: 'enter', score: 0.91, zone: 'entrance' }], [0, 'camera.object', { track: 't-88', label: 'person', phase: 'update', score: 0.93, zone: 'entrance', snapshot: 'e1-cam-s/20260301/t-88.jpg' }]], acked(1200))
alert('SEC-010', 'e2-gate-n', 'e2-gate-n-1', 1100, 'count_reached', { count: 5, window_s: 60 }, [40, 31, 22, 12, 0].map((s) => [s, 'gate.pass', { direction: 'in', method: 'code', result: 'denied' }]))
alert('SEC-005', 'e1-b3-u1', 'e1-door-b3', 800, 'held_for', { since: ago(920), for_s: 120 }, [[120, 'contact', { state: 'open' }]], { hit_count: 3 })
alert('DEV-004', 'e1-gate-s', 'e1-cam-s', 640, 'held_for', { since: ago(700), for_s: 60 }, [[60, 'camera.scene', { state: 'covered' }]], { cleared_at: ago(90) })
alert('CARE-001', 'e1-b1-u1-301', null, 420, 'absent_for', { last_seen: ago(48 * 3600 + 420), after_s: 172800 }, [], { subject: 'p-3f9a21', ...acked(300) })
alert('FIRE-005', 'e1', 'e1-cam-lane', 200, 'held_for', { since: ago(320), for_s: 120 }, [[120, 'camera.object', { track: 't-12', label: 'car', phase: 'enter', score: 0.96, zone: 'fire_lane' }], [0, 'camera.object', { track: 't-12', label: 'car', phase: 'update', score: 0.97, zone: 'fire_lane' }]])
alert('SEC-006', 'e2-gate-car', 'e2-gate-car-1', 95, 'condition_met', { data: { state: 'forced' } }, [[0, 'gate.door', { state: 'forced' }]])
alert('SOS-001', 'e2-b3-u1-301', 'e2-sos-b3', 44, 'condition_met', { data: { action: 'pressed', voice: true } }, [[31, 'sos', { action: 'pressed' }], [0, 'sos', { action: 'pressed', voice: true }]], { hit_count: 2, late_by_s: 95 })
alert('FIRE-001', 'e1-b2-u2-502', 'e1-smoke-b2', 12, 'condition_met', { data: { alarm: true, density: 12.5 } }, [[0, 'smoke', { alarm: true, density: 12.5 }]], grouped)
alert('FIRE-001', 'e1-b2-u2-402', 'e1-smoke-b1', 9, 'condition_met', { data: { alarm: true, density: 6 } }, [[0, 'smoke', { alarm: true, density: 6 }]], grouped)
alert('DEV-002', 'e1-b4-u1', 'e1-door-b4', 600, 'absent_for', { after_s: 300 }, [], { state: 'suppressed' })

export function raise() {
  const seconds = (Date.now() - START) / -1000
  return alert('FIRE-001', 'e1-b4-u2-502', 'e1-smoke-b4', seconds, 'condition_met', { data: { alarm: true, density: 15 } }, [[0, 'smoke', { alarm: true, density: 15 }]])
}

export function events(row) {
  return row.evidence.map(([before, type, data], index) => {
    const at = new Date(Date.parse(row.first_seen) - before * 1000).toISOString()
    const received_at = new Date(Date.parse(at) + (row.late_by_s ?? 0.1) * 1000).toISOString()
    return { device: row.device, id: `${row.id}-${index}`, at, type, data, flags: row.late_by_s ? ['late'] : [], received_at, committed_at: received_at }
  })
}

export const quarantine = [
  { id: 3, received_at: ago(240), topic: 'shequ/v1/e1/e1-gate-x9/event', size: 143, stage: 'decode', reason: 'unknown_device', detail: '设备 e1-gate-x9 未登记', payload_text: '{"id":"a1","at":"2026-03-01T03:02:11+08:00","type":"gate.pass","data":{"direction":"in"}}' },
  { id: 2, received_at: ago(1900), topic: 'shequ/v1/e2/e2-smoke-b2/event', size: 37, stage: 'decode', reason: 'not_json', detail: 'JSON 在第 21 字节处中断', payload_text: '{"id":"7f","at":"2026' },
  { id: 1, received_at: ago(2600), topic: 'shequ/v1/e1/e1-cam-s/event', size: 70211, stage: 'receive', reason: 'too_large', detail: '超过 64 KiB', payload_text: '{"id":"big","data":"iVBORw0KGgoAAAANSUhEUgAA…' },
]
