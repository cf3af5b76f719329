// For the type checker alone: the vendored script sets a global.
declare global {
  var Chart: any;
}
export {};
