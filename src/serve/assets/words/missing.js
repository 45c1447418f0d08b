/** Words of the page for an address where nothing is. */

/** @type {import('./common.js').Words} */
export const MISSING = {
  heading: ['There is nothing here', '这里什么也没有'],
  lead: ['No page and no lesson has this address:', '没有哪个页面或课程在这个地址：'],
  back: ['All lessons', '全部课程'],
};
