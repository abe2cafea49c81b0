/** Map, wall, theme, saved views. */
export const screenZh = {
  geo: {
    tabs: '示意图或地图',
    sketch: '示意图',
    map: '地图',
    plan: '平面图',
    title: '辖区地图',
    failed: '地图打不开：{why}',
    in: '放大',
    out: '缩小',
    all: '全部',
    layer: { grids: '网格', devices: '设备', resources: '资源', heat: '热力' },
    noGl: '这台电脑的浏览器不支持 WebGL，只能看示意图',
    unplaced: '{n} 个小区还没有定位，地图上看不到：{names}',
  },
  theme: { label: '深色或浅色', dark: '深色', light: '浅色' },
}

export const screenEn: typeof screenZh = {
  geo: {
    tabs: 'Sketch or map',
    sketch: 'Sketch',
    map: 'Map',
    plan: 'Floor plan',
    title: 'Map of the area',
    failed: 'The map cannot be shown: {why}',
    in: 'Zoom in',
    out: 'Zoom out',
    all: 'All',
    layer: { grids: 'Grids', devices: 'Devices', resources: 'Resources', heat: 'Heat' },
    noGl: 'This browser has no WebGL: the sketch only',
    unplaced: '{n} estates are not on the map yet, nobody has said where they lie: {names}',
  },
  theme: { label: 'Dark or light', dark: 'Dark', light: 'Light' },
}
