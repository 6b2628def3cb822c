// Where decorators may stand and what they take.
import {
  batch,
  card,
  catchError,
  environment,
  FlowSpec,
  kubernetes,
  local,
  npm,
  project,
  resources,
  retry,
  schedule,
  secrets,
  slurm,
  step,
  timeout,
  trigger,
  triggerOnFinish,
  type Inputs,
} from "../../src/index.js";

/** A user's own decorator that wraps a method. */
function traced<This, Args extends unknown[], R>(
  method: (this: This, ...args: Args) => R,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => R>,
) {
  return function (this: This, ...args: Args): R {
    console.log(context.name);
    return method.apply(this, args);
  };
}

@project({ name: "types" })
@schedule
@trigger({ event: "new-data" })
@triggerOnFinish("Prepare")
export class Decorated extends FlowSpec {
  @step @retry @timeout("5m") @catchError({ var: "problem" }) start() {
    this.next(this.a, this.b);
  }
  @retry({ times: 2, delay: "1s", backoff: 1.5, maxDelay: "1m", jitter: false, if: (error) => error instanceof TypeError })
  @resources({ cpu: 2, memory: 512 })
  @step
  a() {
    this.next(this.join);
  }
  @traced @step @traced @timeout({ minutes: 5 }) @environment({ vars: { A: "1" } }) @local @card @card({ id: "two" }) async b() {
    this.next(this.join);
    return Promise.resolve();
  }
  @step @traced @catchError join(inputs: Inputs<this>) {
    console.log(inputs.length);
    this.next(this.end);
  }
  @batch({ queue: "q" })
  @slurm({ nodes: 1 })
  @kubernetes({ image: "node:24" })
  @npm({ packages: { sharp: "1" } })
  @secrets({ sources: ["s"] })
  @step
  end() {}

  // @ts-expect-error -- a step takes one parameter
  @step two(a: number, b: number) {
    console.log(a, b);
  }
  // @ts-expect-error -- a step returns nothing
  @step returns() {
    return 5;
  }
  // @ts-expect-error -- a step is a method
  @step field = 3;
  // @ts-expect-error -- a getter is no step
  @step get getter() {
    return 3;
  }
  // @ts-expect-error -- it needs a duration
  @timeout untimed() {}
  // @ts-expect-error -- it needs variables
  @environment() unset() {}
  // @ts-expect-error -- the option is called times
  @retry({ time: 3 }) misspelt() {}
  // @ts-expect-error -- a number
  @retry({ times: "3" }) mistyped() {}
  // @ts-expect-error -- a decorator of classes
  @schedule scheduled() {}
}

// @ts-expect-error -- a decorator of steps
@retry
export class Misplaced extends FlowSpec {}

// @ts-expect-error -- no flow
@schedule
export class NoFlow {
  readonly name = "none";
}

// @ts-expect-error -- one of the two
export const both = trigger({ event: "a", events: ["b"] });

export class NoFlowEither {
  // @ts-expect-error -- not in a flow
  @step start() {}
}
