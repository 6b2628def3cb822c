import { testShapes } from "./shape-tests.js";
import { loops } from "./shapes.js";

testShapes(loops);
