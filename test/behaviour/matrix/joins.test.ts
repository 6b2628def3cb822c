import { testShapes } from "./shape-tests.js";
import { joins } from "./shapes.js";

testShapes(joins);
