import { testShapes } from "./shape-tests.js";
import { branches } from "./shapes.js";

testShapes(branches);
