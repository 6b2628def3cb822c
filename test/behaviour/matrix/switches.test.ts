import { testShapes } from "./shape-tests.js";
import { switches } from "./shapes.js";

testShapes(switches);
