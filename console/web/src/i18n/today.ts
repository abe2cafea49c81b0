/** What needs a property manager today, in both languages. */
export const todayZh = {
  today: {
    title: '今日待办',
    lead: '最要紧的在前；点开即可处理。',
    empty: '今天没有待办',
    more: '另有 {n} 项',
    open: '去处理',
    due: '到期日 {day}',
    charge: '电量 {n}%',
    case: '案号 {code}',
    order: { sent: '待签收', acknowledged: '已签收，未到场', on_scene: '已到场，未办结' },
    kinds: {
      order: '未办结的案件',
      rollout: '已停下的配置推送',
      offline: '离线设备',
      test_mode: '仍在测试或演练',
      quiet: '即将结束或久未解除的静默',
      battery: '电量不足',
      maintenance: '到期的维护',
      repair: '待办维修',
      enrolment: '待确认的新设备',
      contact: '没有电话的联系人',
    },
  },
}

export const todayEn: typeof todayZh = {
  today: {
    title: 'What needs me today',
    lead: 'Most urgent first; each opens where it is mended.',
    empty: 'Nothing to do today',
    more: '{n} more',
    open: 'Open',
    due: 'due on {day}',
    charge: '{n}% charge',
    case: 'case {code}',
    order: { sent: 'to be signed for', acknowledged: 'signed for, not there yet', on_scene: 'on the scene, not finished' },
    kinds: {
      order: 'Cases with orders not finished',
      rollout: 'Roll-outs that stopped',
      offline: 'Devices offline',
      test_mode: 'Still in test or drill',
      quiet: 'Quiet that ends soon or was forgotten',
      battery: 'Batteries running low',
      maintenance: 'Maintenance due',
      repair: 'Repairs to do',
      enrolment: 'New devices to confirm',
      contact: 'Contacts without a number',
    },
  },
}
