/** Words of adding a device by its label, in both languages. */
export const scanZh = {
  scan: {
    title: '扫码添加设备',
    lead: '扫设备上的标签：本平台打印的标签会带出小区、类型和序列号，厂家的二维码或条形码会填入序列号。',
    typed: '扫码枪在此输入，或手工输入标签下方的字母',
    go: '查找',
    camera: '用相机扫描',
    stop: '停止',
    picture: '拍照或选图片',
    looking: '请把标签放在画面中间…',
    seen: '相机画面',
    nothing: '图片里没有认出二维码或条形码：靠近一些、避免反光再试，或直接输入。',
    refused: '没有成功：{why}。可改用图片或手工输入。',
    why: { NotAllowedError: '没有获得相机许可', NotFoundError: '没有找到相机', NotReadableError: '相机被占用', InvalidStateError: '这个文件不是图片' },
    insecure: '浏览器只在 https 地址下允许网页使用相机；可以拍照或输入。',
    strange: '没有这张标签，或它属于您辖区以外的小区。',
    known: '已经登记：',
    ours: '标签 {label}：登记后设备自行领取口令。',
  },
}

export const scanEn: typeof scanZh = {
  scan: {
    title: 'Add a device by its label',
    lead: 'Scan the label on the device: one printed here brings estate, family and serial; a maker’s QR or bar code fills in the serial.',
    typed: 'A hand scanner types here; or type the letters below the code',
    go: 'Look up',
    camera: 'Scan with the camera',
    stop: 'Stop',
    picture: 'Take or choose a picture',
    looking: 'Hold the label in the middle of the picture…',
    seen: 'What the camera sees',
    nothing: 'No QR or bar code was found in the picture: go closer, avoid glare and try again, or type it.',
    refused: 'That did not work: {why}. Use a picture, or type it.',
    why: { NotAllowedError: 'the camera was not allowed', NotFoundError: 'no camera was found', NotReadableError: 'something else uses the camera', InvalidStateError: 'this file is no picture' },
    insecure: 'Browsers let a page use the camera on https addresses only; take a picture or type.',
    strange: 'There is no such label, or it belongs to an estate outside your area.',
    known: 'Registered already:',
    ours: 'Label {label}: the device collects its own login once it is registered.',
  },
}
