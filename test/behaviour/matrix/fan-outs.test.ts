import { testShapes } from "./shape-tests.js";
import { fanOuts } from "./shapes.js";

testShapes(fanOuts);
