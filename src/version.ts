/** Of the package; a test holds it to package.json, which no runtime but Node could read. */
export const VERSION = '0.0.1';
