/** Words of the week grid of armed hours, in both languages. */
export const hoursZh = {
  hours: {
    label: '一周布防时段',
    how: '按住拖动选择，或用方向键移动、空格键切换，按住 Shift 连续涂选；点星期或钟点切换整列、整行。圆点是上级（继承）的时段。',
    cell: '{day} {from}–{to}',
    wholeDay: '切换整天',
    everyDay: '切换每天的这一时段',
    holidays: '法定节假日单独设置',
    step: '每格',
    minutes: '{n} 分钟',
    always: '全天布防',
    never: '从不布防',
    none: '不布防',
    kind: { daily: '每天', workday: '工作日', weekend: '周末', holiday: '节假日', mon: '周一', tue: '周二', wed: '周三', thu: '周四', fri: '周五', sat: '周六', sun: '周日' },
  },
}

export const hoursEn: typeof hoursZh = {
  hours: {
    label: 'Armed hours of the week',
    how: 'Drag to choose, or move with the arrow keys and switch with the space bar; Shift paints on. A day or an hour at the edge switches all of it. Dots: the inherited hours.',
    cell: '{day} {from}–{to}',
    wholeDay: 'Switch the whole day',
    everyDay: 'Switch this time on every day',
    holidays: 'Public holidays on their own',
    step: 'One cell',
    minutes: '{n} min',
    always: 'Always armed',
    never: 'Never armed',
    none: 'not armed',
    kind: { daily: 'Daily', workday: 'Workdays', weekend: 'Weekends', holiday: 'Holidays', mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' },
  },
}
