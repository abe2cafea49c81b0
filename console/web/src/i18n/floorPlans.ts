/** Words of floor plans, in both languages. */
export const floorPlansZh = {
  floorPlan: {
    title: '平面图',
    shut: '关闭',
    which: '选择平面图',
    alt: '{name}平面图',
    none: '这里还没有平面图。可上传 PNG、JPEG 或 WebP 图片（不超过 12 MB）。',
    nobody: '这里还没有平面图：物业可在设备页上传。',
    unpinned: '设备尚未标在这张图上。',
    hang: '标出位置',
    move: '移动标记',
    placed: '完成',
    unpin: '取消标记',
    bring: '上传平面图',
    replace: '更换平面图',
    drop: '删除平面图',
    dropAsk: '删除「{name}」的平面图及其全部标记？',
    canvas: '点击图上位置；或用方向键移动十字，Shift 微调，回车确定。',
    cross: '点击或按方向键、回车标出位置：距左 {x}%，距上 {y}%',
  },
}

export const floorPlansEn: typeof floorPlansZh = {
  floorPlan: {
    title: 'Floor plan',
    shut: 'Close',
    which: 'Choose a plan',
    alt: 'Floor plan of {name}',
    none: 'There is no plan here yet. Bring a PNG, JPEG or WebP picture (at most 12 MB).',
    nobody: 'There is no plan here: property managers upload one on the page of a device.',
    unpinned: 'The device is not on this plan yet.',
    hang: 'Pin it',
    move: 'Move the pin',
    placed: 'Done',
    unpin: 'Take the pin off',
    bring: 'Upload a plan',
    replace: 'Replace the plan',
    drop: 'Delete the plan',
    dropAsk: 'Delete the plan of {name} with all its pins?',
    canvas: 'Click where it is; or move the mark with the arrow keys (Shift: finely) and press Enter.',
    cross: 'Click, or use arrow keys and Enter: {x}% from the left, {y}% from the top',
  },
}
