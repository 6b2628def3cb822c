// @ts-check
/** The keys and the region that everything uses with the AWS API on this machine; it takes any. */
export const awsAccess = {
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
};
