/** Words of the life cycle, the clocks and the confirming, in both languages. */
export const caseZh = {
  residents: { title: '本楼需要照看的住户（{n} 人）', by: '{place} {n} 人', here: '就在告警处', reveal: '显示住处…', ask: '住处显示两分钟；事由会记入审计日志。', away: '报备外出至 {t}' },
  clock: {
    title: '时限',
    accept: '受理',
    sign: '签收',
    arrive: '到场',
    close: '结案',
    left: '剩 {t}',
    over: '超时 {t}',
    met: '已按时',
    late: '已超时完成',
    still: '已暂停',
    working: '工作时间',
    column: '时限',
  },
  ladder: { title: '升级', 0: '承办人', 1: '社区', 2: '镇街', 3: '市级', supervised: '督办中' },
  need: { where: '到场位置', result: '内容', cause: '成因', other: '并入的案件（编号）', hours: '延长（小时）', grade: '法定等级', required: '必填', pick: '请选择' },
  moves: { why: '暂不可办' },
  wish: { extension: '申请延期 {n} 小时', suspension: '申请挂起', by: '{who}：{why}' },
  confirm: {
    title: '先核实，再报警外单位',
    left: '{t} 后按真警处理',
    over: '核实时间已到，正在转报',
    to: '确认后转报：{who}',
    tasks: { call_resident: '电话联系住户', second_sensor: '查看同楼其他探测器', nearest_camera: '查看最近摄像机' },
    confirmed: '确认真警',
    bypassed: '不等核实，立即转报',
    refuted: '误报',
    done: { confirmed: '已确认真警，已转报', assumed: '60 秒内无人核实，按真警转报', bypassed: '未等核实，已转报', refuted: '已判误报，未转报' },
    withheld: '演练：不通知外单位',
  },
  duty: { ok: '正常', away: '未运行', label: '值守自检' },
  invariant: {
    alerts_without_timer: '无计时的待接警',
    acks_without_timer: '无期限的接警',
    dispatched_without_clock: '无时限的派单',
    clocks_without_timer: '无定时的时限',
    timers_late: '迟到的定时',
    letters_late: '滞留的通知',
  },
  record: { lapses: '接警失效 {n} 次', ackUntil: '接警有效至 {t}', clock: '{what}时限 {level}%', late: '迟 {t}' },
  calledFor: { on_duty: '{who}（在岗）', on_call: '{who}（待命）', unrostered: '{who}（未排班）', nobody_on_duty: '{who}无人在岗', last_resort: '{who}（不论班次）' },
}

export const caseEn: typeof caseZh = {
  residents: { title: 'People to care for in this building ({n})', by: '{place}: {n}', here: 'at the very place', reveal: 'Show homes…', ask: 'Homes are shown for two minutes; the reason goes on record.', away: 'declared away until {t}' },
  clock: {
    title: 'Clocks',
    accept: 'Accept',
    sign: 'Sign',
    arrive: 'Arrive',
    close: 'Close',
    left: '{t} left',
    over: '{t} overdue',
    met: 'in time',
    late: 'done late',
    still: 'stands still',
    working: 'working time',
    column: 'Clock',
  },
  ladder: { title: 'Escalation', 0: 'Assignee', 1: 'Community', 2: 'Street', 3: 'City', supervised: 'Under supervision' },
  need: { where: 'Where they are', result: 'What was done or found', cause: 'Cause', other: 'The case that goes on (number)', hours: 'Hours more', grade: 'Legal grade', required: 'required', pick: 'Choose' },
  moves: { why: 'Not possible now' },
  wish: { extension: 'Asks for {n} hours more', suspension: 'Asks to suspend', by: '{who}: {why}' },
  confirm: {
    title: 'Confirm before outside parties are called',
    left: 'treated as real in {t}',
    over: 'time is up, being forwarded',
    to: 'Then called: {who}',
    tasks: { call_resident: 'Call the resident', second_sensor: 'Look at other sensors of the building', nearest_camera: 'Look at the nearest camera' },
    confirmed: 'It is real',
    bypassed: 'Call now, without confirming',
    refuted: 'False alarm',
    done: { confirmed: 'Confirmed and forwarded', assumed: 'Nobody said otherwise within 60 s: forwarded as real', bypassed: 'Forwarded without confirming', refuted: 'A false alarm: not forwarded' },
    withheld: 'A drill: nobody outside is told',
  },
  duty: { ok: 'all well', away: 'not running', label: 'Self-check' },
  invariant: {
    alerts_without_timer: 'alerts without a timer',
    acks_without_timer: 'acknowledgements without an end',
    dispatched_without_clock: 'orders without a clock',
    clocks_without_timer: 'clocks without a timer',
    timers_late: 'late timers',
    letters_late: 'letters that wait too long',
  },
  record: { lapses: 'lapsed {n} times', ackUntil: 'acknowledged until {t}', clock: '{what} at {level}%', late: '{t} late' },
  calledFor: { on_duty: '{who} (on duty)', on_call: '{who} (on call)', unrostered: '{who} (not rostered)', nobody_on_duty: 'no {who} on duty', last_resort: '{who} (whatever their hours)' },
}

/** What stands on the record beside the steps that people take. */
export const recordZh = {
  ask_suspension: '申请挂起', refuse_suspension: '不同意挂起', reassign: '转派', note: '记录', grade: '法定分级', merged_in: '并入案件', order: '增派', amber: '即将超时', plan: '执行预案', forward_withheld: '演练，未转报',
  assist_acknowledge: '协办签收', assist_arrive: '协办到场', assist_return_order: '协办退单', assist_report_back: '协办反馈', assist_handle: '协办处置', check_in_missed: '单独作业未应答',
}
export const recordEn: typeof recordZh = {
  ask_suspension: 'Ask to suspend', refuse_suspension: 'Refuse to suspend', reassign: 'Reassign', note: 'Note', grade: 'Legal grade', merged_in: 'Another case merged in', order: 'Further order', amber: 'Nearly late', plan: 'Plan run', forward_withheld: 'Drill: not forwarded',
  assist_acknowledge: 'Assistant signed', assist_arrive: 'Assistant arrived', assist_return_order: 'Assistant returned it', assist_report_back: 'Assistant reported back', assist_handle: 'Assistant at work', check_in_missed: 'No answer from a lone worker',
}
export const alertRecordZh = {
  amber: '即将超时', escalate: '超时升级', supervise: '督办', page_again: '再次通知', auto_dispatch: '平台自动派单', sent: '已派出', lapse: '接警失效', confirmed: '确认真警', assumed: '按真警处理', bypassed: '不等核实转报', refuted: '判为误报', care_step: '关爱联络', care_withheld: '演练，未联络', forward_withheld: '演练，未转报',
}
export const alertRecordEn: typeof alertRecordZh = {
  amber: 'Nearly late', escalate: 'Late: escalated', supervise: 'Supervised', page_again: 'Paged again', auto_dispatch: 'Dispatched by the platform', sent: 'Sent out', lapse: 'Acknowledgement lapsed', confirmed: 'Confirmed', assumed: 'Treated as real', bypassed: 'Forwarded unconfirmed', refuted: 'False alarm', care_step: 'Care chain', care_withheld: 'Drill: not called', forward_withheld: 'Drill: not forwarded',
}
