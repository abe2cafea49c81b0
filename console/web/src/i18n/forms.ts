/** Words of the bars of the sections, and of the forms behind them, in both languages. */
export const formsZh = {
  page: {
    devices: '设备', enrolment: '待入网', labels: '标签', import: '批量导入', rollouts: '批量配置',
    rules: '规则', thresholds: '阈值', quiet: '静默与演练',
    organisation: '组织架构', people: '人员', roster: '排班', resources: '资源', plans: '预案',
    kpi: '指标', report: '月报', repairs: '待办与维修', points: '责任积分', ratings: '评价', verify: '卷宗校验',
  },
}

export const formsEn: typeof formsZh = {
  page: {
    devices: 'Devices', enrolment: 'Enrolment', labels: 'Labels', import: 'Import', rollouts: 'Roll-outs',
    rules: 'Rules', thresholds: 'Thresholds', quiet: 'Quiet and drills',
    organisation: 'Places and grids', people: 'People', roster: 'Duty roster', resources: 'Resources', plans: 'Plans',
    kpi: 'Indicators', report: 'Monthly report', repairs: 'Needs me', points: 'Points', ratings: 'Ratings', verify: 'Verify a dossier',
  },
}
