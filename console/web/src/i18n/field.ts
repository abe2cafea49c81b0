/** Words of the field page and of photos, in both languages. */
export const fieldZh = {
  photos: { title: '现场照片', alt: '{who} {when} 拍摄的现场照片', none: '还没有照片', gone: '照片打不开', place: '位置 {lat}, {lon}' },
}

export const fieldEn: typeof fieldZh = {
  photos: { title: 'Photos from the spot', alt: 'Photo from the spot by {who}, {when}', none: 'No photos yet', gone: 'The photo cannot be shown', place: 'Position {lat}, {lon}' },
}
