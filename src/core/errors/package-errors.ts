import { entry } from "./entry.js";

/** What travels to other machines. */
export const packageErrors = {
  "package-foreign": entry<{ packages: readonly string[]; platform: string }>({
    when: "A package has a native addon, and none for the platform that jobs run on.",
    message: ({ packages, platform }) => `There is no native addon for ${platform} in ${packages.join(", ")}.`,
    hint: () => "Is the platform right (--platform)? Else use a package that brings addons for it, or keep the step at home with @local.",
  }),
};
